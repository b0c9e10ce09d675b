"""Pairs of images in a folder or a zip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from saddlepoint.data._depth import Pixels
from saddlepoint.data._example import pictures
from saddlepoint.data._files import Files, existing, holds_files
from saddlepoint.data._kept import heads_of, pixels_of
from saddlepoint.data._mirrored import Mirrored
from saddlepoint.data._parted import divided
from saddlepoint.data._picture import Head, Pictures, half_of
from saddlepoint.data._resident import gibibytes, identity, most_held, streaming
from saddlepoint.data._sides import Pair, Pairs, is_called_so, pairs_in
from saddlepoint.data._streamed import Streamed
from saddlepoint.data._twice import Content, twice
from saddlepoint.data._uniform import Wanted, size_of, uniform
from saddlepoint.ranges import Amount, ProperShare
from saddlepoint.source import Source, Stored
from saddlepoint.spec import IMAGE_UNITS, Spec


def pairs(
    path: str,
    *,
    given: str = "auto",
    size: str | None = None,
    given_size: str | None = None,
    fit: Literal["crop", "resize", "pad"] = "crop",
    channels: Literal["auto", "grey", "rgb", "rgba"] = "auto",
    given_channels: Literal["auto", "grey", "rgb", "rgba"] = "auto",
    held_out: ProperShare = 0.1,
    memory: Amount = 4.0,
    mirror: bool = False,
) -> Source:
    """Pairs of images, one given and one to be made of it: two folders of files of the same names, or one picture.

    Paper: Isola et al. 2017, Image-to-image translation with conditional adversarial networks

    Two folders are pairs by their names: A and B, input and target, input and output, source and target, given and
    truth, edges and photos, lr and hr; the first is given. `given` says which it is otherwise: the name of a folder,
    or left, right, top or bottom where each picture holds both sides. Files are partners by their names, whatever
    their endings. Folders called as sets are, such as train and test, say what is held out; otherwise `held_out` is
    the share that is. A pair whose files are both in training too is never held out.

    `size` and `channels` are of what is made, `given_size` and `given_channels` of what is given, as those of `images`;
    where both images of each pair have one size, `size` is that of both. `fit`, `memory` and `mirror`, which turns
    both, are as those of `images`.

    Raises `BadData`, naming the file, for what has no partner and what cannot be read.
    """
    files = Files(existing(path))
    found = pairs_in(files, given)
    heads = _heads(files, found)
    asked = size_of(given_size, "given_size") or (size_of(size) if _of_one_size(*heads) else None)
    wanted = (Wanted(asked, fit, given_channels, "given_"), Wanted(size_of(size), fit, channels))
    (given_side, told_given), (made, told) = (
        uniform(files, *side) for side in zip(found.files, heads, wanted, found.halves, strict=True)
    )
    content = [(one.digest, other.digest) for one, other in zip(*heads, strict=True)]
    parts, copies = _parts(found, content, held_out)
    source, streamed = _source(_Sides(given_side, made), found.pairs, content, parts, memory)
    source.notes = (*found.notes, *told, *(note for note in told_given if note not in told), *copies, *streamed)
    return Mirrored(source) if mirror else source


def reads(path: Path) -> int:
    """1 for a folder or a zip, 2 for one of two folders that are called as sides, of files of the same names."""
    if not holds_files(path):
        return 0
    return 2 if is_called_so(path) else 1


def example(folder: Path) -> Path:
    """Writes a small sample of what this reads below `folder`, and gives its path: A is small and grey, B in colour."""
    pictures(folder / "pairs", [f"A/{i}.png" for i in range(20)], (3, 4), mode="L")
    return pictures(folder / "pairs", [f"B/{i}.png" for i in range(20)], seed=1)


@dataclass(frozen=True)
class _Sides:
    """What reads the two sides of a pair."""

    given: Pictures
    made: Pictures

    @property
    def spec(self) -> Spec:
        """What a pair is: the image that is made, given the other."""
        given = Spec(self.given.shape, bounds=(-1.0, 1.0), units=IMAGE_UNITS)
        return Spec(self.made.shape, bounds=(-1.0, 1.0), given=given, units=IMAGE_UNITS)

    def x(self, pair: Pair) -> Pixels:
        """The image that is made."""
        return self.made(pair.made)

    def y(self, pair: Pair) -> Pixels:
        """The image that is given."""
        return self.given(pair.given)


def _heads(files: Files, found: Pairs) -> tuple[list[Head], list[Head]]:
    """The heads of what is given and of what is made; each file is read once."""
    names = sorted({*found.files[0], *found.files[1]})
    known = dict(zip(names, heads_of(files, names), strict=True))
    given, made = (
        [half_of(known[name], half, files.where(name)) if half else known[name] for name in names]
        for names, half in zip(found.files, found.halves, strict=True)
    )
    return given, made


def _of_one_size(given: Sequence[Head], made: Sequence[Head]) -> bool:
    return all(one.size == other.size for one, other in zip(given, made, strict=True))


def _parts(found: Pairs, content: Sequence[Content], share: float) -> tuple[tuple[Tensor, Tensor], list[str]]:
    """Which pairs are trained on, and which are held out and not trained on as well; what is to be told of copies."""
    kept, held = divided([pair.held for pair in found.pairs] if found.split else None, len(found.pairs), None, share)
    given, made = ({content[i][side] for i in kept.tolist()} for side in (0, 1))
    again = torch.tensor([content[i][0] in given and content[i][1] in made for i in held.tolist()], dtype=torch.bool)
    left = held[~again]
    names = [found.pairs[i].made for i in (*kept.tolist(), *left.tolist())]
    notes = twice("pair", names, [content[i] for i in (*kept.tolist(), *left.tolist())], len(kept))
    if again.any():
        example = found.pairs[int(held[again][0])].made
        are = f"{int(again.sum())} of {len(held)} held-out pairs are trained on too, byte for byte"
        notes = [f"{are}, such as {example}: left out, {len(left)} are held out", *notes]
    return (kept, left), notes


def _source(
    sides: _Sides, pairs: Sequence[Pair], content: Sequence[Content], parts: tuple[Tensor, Tensor], memory: float
) -> tuple[Source, list[str]]:
    """The source of pairs of which `parts` are the indices (kept, held out), and what is to be told of it."""
    spec, size = sides.spec, prod(sides.given.shape) + prod(sides.made.shape)
    gib = gibibytes(size, len(pairs))
    if gib <= memory:
        x, held_x, y, held_y = (
            pixels_of(pictures, [pairs[i][side] for i in part], [content[i][side] for i in part])
            for side, pictures in ((1, sides.made), (0, sides.given))
            for part in parts
        )
        return Stored(spec, x, y, held_x, held_y), []
    told = (spec.as_dict(), [(side.fit, side.whites, side.half) for side in (sides.given, sides.made)])
    source = Streamed(
        spec,
        sides.x,
        pairs,
        *parts,
        given=sides.y,
        most_held=most_held(size, memory),
        identity=identity(told, [b"".join(both) for both in content], parts),
    )
    return source, [streaming(len(pairs), "pairs", gib)]
