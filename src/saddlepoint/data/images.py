"""Images in a folder or a zip."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from saddlepoint.data._example import pictures as written
from saddlepoint.data._files import Files, existing, holds_files
from saddlepoint.data._folders import Found, found_in
from saddlepoint.data._kept import heads_of, pixels_of
from saddlepoint.data._labels import numbered, printable
from saddlepoint.data._mirrored import Mirrored
from saddlepoint.data._parted import divided
from saddlepoint.data._picture import Head, Pictures
from saddlepoint.data._resident import gibibytes, identity, most_held, streaming
from saddlepoint.data._streamed import Streamed
from saddlepoint.data._twice import twice
from saddlepoint.data._uniform import Wanted, size_of, uniform
from saddlepoint.ranges import Amount, ProperShare
from saddlepoint.source import Source, Stored, shares_of
from saddlepoint.spec import IMAGE_UNITS, Spec


def images(
    path: str,
    *,
    size: str | None = None,
    fit: Literal["crop", "resize", "pad"] = "crop",
    channels: Literal["auto", "grey", "rgb", "rgba"] = "auto",
    labels: str = "folders",
    held_out: ProperShare = 0.1,
    memory: Amount = 4.0,
    mirror: bool = False,
) -> Source:
    """Images in a folder or a zip, labelled by its sub-folders or by a CSV file.

    Paper: none; the usual formats, read by https://pillow.readthedocs.io

    `size` is "64" or, height first, "48x64"; without it all images must have one size. `fit` says how others
    come to it: "crop" covers it and cuts what juts out, "resize" stretches, "pad" leaves black margins.
    `channels` are those of networks: "auto" is grey where every image is grey. `labels` is "folders" (at
    least two), "none", or a CSV file with the columns file and label. Folders called as sets are, such as
    train and test, say what is held out; otherwise `held_out` is the share that is. White is told by the
    greatest value of all. What takes more than `memory` GiB is read while training. With `mirror` training sees
    each image in the mirror half of the time.

    The folders trainA and trainB are two domains; where testA and testB hold files of the same names, those are
    counterparts.

    Raises `BadData`, naming the file, for what cannot be read or labelled.
    """
    files = Files(existing(path))
    found = found_in(files, labels)
    names = tuple(item.name for item in found.items)
    heads = heads_of(files, names)
    pictures, notes = uniform(files, names, heads, Wanted(size_of(size), fit, channels))
    source, parts, streamed = _source(pictures, names, heads, found, held_out, memory)
    order = torch.cat(parts).tolist()
    copies = twice("image", [names[i] for i in order], [(heads[i].digest,) for i in order], len(parts[0]))
    source.notes = (*found.notes, *notes, *streamed, *_counterparts(found), *copies)
    source.domains = found.domains
    return Mirrored(source) if mirror else source


def reads(path: Path) -> int:
    """1 for a folder or a zip."""
    return int(holds_files(path))


def example(folder: Path) -> Path:
    """Writes a small sample of what this reads below `folder`, and gives its path: ten cats and ten dogs."""
    names = [f"{kind}/{i + start}.png" for start, kind in enumerate(("cat", "dog")) for i in range(10)]
    return written(folder / "photos", names)


def _source(
    pictures: Pictures, names: Sequence[str], heads: Sequence[Head], found: Found, share: float, memory: float
) -> tuple[Source, tuple[Tensor, Tensor], list[str]]:
    """The source, the indices of what is kept and held out, and what is to be told of it."""
    classes, y = _classes(found, pictures.files)
    parts = divided([item.held for item in found.items] if found.split else None, len(names), y, share)
    shares = () if y is None else shares_of(y[parts[0]], len(classes))
    spec = Spec(pictures.shape, classes, shares, bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    twins = None if found.twins is None else (torch.tensor(found.twins[0]), torch.tensor(found.twins[1]))
    gib = gibibytes(prod(pictures.shape), len(names))
    if gib <= memory:
        places = [part.tolist() for part in parts]
        x, held_x = (pixels_of(pictures, [names[i] for i in own], [heads[i].digest for i in own]) for own in places)
        ys = (None, None) if y is None else (y[parts[0]], y[parts[1]])
        return Stored(spec, x, ys[0], held_x, ys[1], twins=twins), parts, []
    most = most_held(prod(pictures.shape), memory)
    told = identity((spec.as_dict(), pictures.fit, pictures.whites), [head.digest for head in heads], (*parts, y))
    source = Streamed(spec, pictures, names, *parts, y, twins=twins, most_held=most, identity=told)
    return source, parts, [streaming(len(names), "images", gib)]


def _counterparts(found: Found) -> list[str]:
    if found.twins is None:
        return []
    return ["held-out images of A and B have the same names: taken for counterparts, by which translations are judged"]


def _classes(found: Found, files: Files) -> tuple[tuple[str, ...], Tensor | None]:
    labels = [item.label for item in found.items if item.label is not None]
    if not labels:
        return (), None
    classes, y = numbered(labels)
    printable(classes, str(files.path))
    return classes, y
