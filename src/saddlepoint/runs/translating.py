"""Pictures turned into others by a trained run, of any size, in files, folders, arrays and animations."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePath
from typing import Literal, NamedTuple

import numpy as np
from torch import Tensor

from saddlepoint.data._inputs import Input, found_at, sequences
from saddlepoint.data._picture import Frames, frames_of
from saddlepoint.data.arrays import pictures_at
from saddlepoint.errors import BadData, BadOption, BadRun
from saddlepoint.forms.image import as_given, own_of, pillow, resized
from saddlepoint.game import Translates
from saddlepoint.judging.evidence import Doing, nobody
from saddlepoint.machine import room
from saddlepoint.runs.flicker import Flicker
from saddlepoint.runs.tiles import Side, left, tiled
from saddlepoint.saved.model import Model, load
from saddlepoint.saved.storage import replace, writing

Fit = Literal["tiles", "resize"]


def translated(
    model: Model,
    pictures: Tensor,
    y: int | None = None,
    *,
    fit: Fit = "tiles",
    seed: int | None = None,
    tell: Doing = nobody,
) -> Tensor:
    """What pictures (N, C, H, W) of any size, in [0, 1], become: (N, C', H', W') in own units.

    They may be grey or in colour, with alpha or without. With `fit` "tiles" those larger than the model was trained on
    are turned in overlapping tiles, and what is made is to the model's samples as they are to what it is given; smaller
    ones are continued in the mirror, and what is made of that is cut off again. "resize" brings them to the trained
    size first. `y` is the class to turn them into, where the model knows two ways (`Model.translate`); `tell` is told
    how far it is. Raises `BadRun` for a model that turns no pictures into others, and `BadData` for pictures of other
    channels, without a transparent place where such are filled, or too large for the memory there is.
    """
    takes, spec = model.takes, model.spec
    given = as_given(resized(pictures, takes.shape[1:]) if fit == "resize" else pictures, takes, spec.keeps)
    _refuse_large(given, takes.shape, spec.shape)
    return tiled(lambda x: model.translate(x, y, seed=seed), given, takes.shape[1:], spec.shape, tell)


def _refuse_large(pictures: Tensor, given: Sequence[int], made: Sequence[int]) -> None:
    sides = [Side(*sides) for sides in zip(pictures.shape[2:], given[1:], made[1:], strict=True)]
    numbers = [pictures.shape[1], made[0]]
    for side in sides:
        numbers = [numbers[0] * side.padded, numbers[1] * side.scaled(side.padded)]
    # Floats of each, and once more what is made, as it is brought into a file.
    if (needed := len(pictures) * (4 * numbers[0] + 12 * numbers[1])) > room.left():
        size = "x".join(map(str, pictures.shape[2:]))
        raise BadData(f"{len(pictures)} of {size} pixels take about {needed / 2**30:,.1f} GiB of memory; cut them")


class Outcome(NamedTuple):
    """What happened next: a file was `made`, an input was `refused` in so many words, or something is to be `told`."""

    made: Path | None = None
    refused: str = ""
    told: str = ""


def translations(
    run: str,
    inputs: Sequence[str],
    out: str,
    *,
    back: bool = False,
    fit: Fit = "tiles",
    seed: int = 0,
    checkpoint: str = "best",
    trust: bool = False,
    tell: Doing = nobody,
) -> Iterator[Outcome]:
    """Turn what is at some paths into pictures in the folder `out`, one after the other.

    A picture becomes a .png, an animation a .gif whose frames last as long, an array a .npy, each of its own name in
    the folders that it lay in. What is there already stays, and a file that cannot be read is told of; the others go
    on. Raises `BadRun` for a run that turns no pictures into others, `BadOption` for a way back where there is none,
    and what `found_at` raises, before anything is made.
    """
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise BadOption(f"-o {out}: wanted a folder, got a file; take another name")
    found = found_at(inputs, folder)
    model = load(run, checkpoint, trust=trust)
    _refuse_unable(model, run, back)

    turn = _Turning(model, run, fit, int(not back), seed, tell, len(found))
    for sequence in sequences(found):
        yield from _sequence(sequence, turn, folder)


def _refuse_unable(model: Model, run: str, back: bool) -> None:
    try:
        takes = model.takes
    except BadRun as error:
        raise BadRun(f"{run}: {error}") from None
    if back and not (isinstance(model.game, Translates) and model.game.both_ways):
        raise BadOption(f"--back: a {type(model.game).__name__} such as {run} leads one way; leave it out")
    if not model.spec.is_image or max(takes.shape[0], model.spec.shape[0]) > _CHANNELS:
        raise BadRun(f"{run}: wanted pictures of at most {_CHANNELS} channels, got samples of {model.spec.shape}")


_CHANNELS = 4


@dataclass
class _Turning:
    """A model that turns pictures into ones of class `y`, and tells how far it is with `total` inputs."""

    model: Model
    run: str
    fit: Fit
    y: int
    seed: int
    tell: Doing
    total: int
    done: int = 0
    began: float = field(default_factory=time.monotonic)

    def __call__(self, pictures: Tensor, what: str) -> Tensor:
        """What is made of pictures (N, C, H, W) that are called so; raises `BadRun` where it is not finite."""
        so_far = f"{self.done} of {self.total} translated{left(self.began, self.done, self.total)}; {what}"
        told = partial(translated, y=self.y, fit=self.fit, seed=self.seed)
        made: Tensor = told(self.model, pictures, tell=lambda far: self.tell(f"{so_far}: {far}"))
        if not made.isfinite().all():
            raise BadRun(
                f"{self.run} at step {self.model.step} makes NaN or infinite numbers of {what}; take an earlier "
                f"--checkpoint, and see with `saddle diagnose {self.run}` since when"
            )
        return made


def _sequence(sequence: Sequence[Input], turn: _Turning, out: Path) -> Iterator[Outcome]:
    """Inputs that may be the frames of one course, each turned by itself."""
    course = Flicker()
    for one in sequence:
        try:
            yield from _array(one, turn, out) if one.is_array else _picture(one, turn, out, course)
        except BadData as error:
            yield Outcome(refused=str(error) if one.where in str(error) else f"{one.where}: {error}")
        turn.done += 1
    if told := course.told():
        first, last = (one.where for one in (sequence[0], sequence[-1]))
        yield Outcome(told=f"{first} to {PurePath(last).name}: {told}")


def _array(one: Input, turn: _Turning, out: Path) -> Iterator[Outcome]:
    file = _free(one, out, ".npy")
    made = turn(pictures_at(one.where), one.where).numpy()
    yield _written(file, lambda there: np.save(there, made))


def _picture(one: Input, turn: _Turning, out: Path, course: Flicker) -> Iterator[Outcome]:
    frames = frames_of(one.read(), one.where)
    yield from (Outcome(told=f"{one.where}: {note}") for note in frames.notes)
    if len(frames.pixels) > 1:
        yield from _animation(one, frames, turn, out)
        return
    file = _free(one, out, ".png")
    given = own_of(frames.pixels)
    made = turn(given, one.where)
    course.see(given, made)
    yield _written(file, partial(pillow(made[0]).save, format="PNG"))


def _animation(one: Input, frames: Frames, turn: _Turning, out: Path) -> Iterator[Outcome]:
    file, flicker = _free(one, out, ".gif"), Flicker()
    shown = []
    for place, pixels in enumerate(frames.pixels, start=1):
        given = own_of(pixels[None])
        made = turn(given, f"{one.where}, frame {place} of {len(frames.pixels)}")
        flicker.see(given, made)
        shown.append(pillow(made[0]))
    endless = {} if frames.loop is None else {"loop": frames.loop}

    def write(there: Path) -> None:
        told = {"append_images": shown[1:], "duration": [*frames.durations], **endless}
        shown[0].save(there, format="GIF", save_all=True, **told)

    yield _written(file, write)
    yield Outcome(told=f"{one.where}: {flicker.told()}")


def _free(one: Input, out: Path, ending: str) -> Path:
    """Where what is made of an input is to be; raises `BadData` where something is already."""
    file = out / one.name.with_suffix(ending)
    if file.exists() or file.is_symlink():
        raise BadData(f"{one.where}: {file} is there already and stays as it is; remove it or take another folder")
    return file


def _written(file: Path, write: Callable[[Path], object]) -> Outcome:
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    replace(file, write)
    return Outcome(made=file)
