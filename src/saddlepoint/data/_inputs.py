"""What is to be turned into something else: pictures and arrays in files, folders and zips."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from saddlepoint.data._files import PICTURE, Files, contents, existing
from saddlepoint.data._folders import is_image
from saddlepoint.errors import BadData, BadOption

_ARRAYS = (".npy", ".npz")


class Input(NamedTuple):
    """A file, by what errors call it, its `name` below the folder that was told, and its bytes, once they are read."""

    where: str
    name: PurePosixPath
    read: Callable[[], bytes]

    @property
    def is_array(self) -> bool:
        """Whether it is one of NumPy's."""
        return self.name.suffix.lower() in _ARRAYS

    @property
    def group(self) -> tuple[PurePosixPath, str, str]:
        """What it has in common with other frames, were it one: the folder, and what is before the number and after."""
        before, _, after = _NUMBERED.fullmatch(self.name.name).groups()  # type: ignore[union-attr]
        return self.name.parent, before, after

    @property
    def number(self) -> int:
        """The last number in its name, -1 where there is none."""
        return int(_NUMBERED.fullmatch(self.name.name)[2] or -1)  # type: ignore[index]


# The last whole number before a file's ending.
_NUMBERED = re.compile(r"(.*?)(\d{0,15})(\D*\.[^.]*|[^.\d]*)", re.DOTALL)


def found_at(paths: Sequence[str], out: Path) -> list[Input]:
    """What is at some paths: single files, and all pictures in folders and zips.

    Raises `BadData` where there is nothing, `BadOption` for an output in a folder that is given, and for two inputs
    that differ in their folders or endings alone: what is made of them would be called the same.
    """
    found = {one.where: one for path in paths for one in _found(path, out)}.values()
    _refuse_same(found)
    return sorted(found, key=lambda one: (one.group, one.number))


def _refuse_same(found: Iterable[Input]) -> None:
    called: dict[PurePosixPath, Input] = {}
    for one in found:
        other = called.setdefault(one.name.with_suffix(""), one)
        if other is not one:
            raise BadOption(
                f"{other.where} and {one.where} would both be called {one.name.with_suffix('')} there; rename one, or "
                "translate them into two folders"
            )


def _found(path: str, out: Path) -> list[Input]:
    place = existing(path)
    if place.is_dir() and out.resolve().is_relative_to(place.resolve()):
        raise BadOption(f"-o {out}: lies in {path}, where it would be given next time; take a folder elsewhere")
    return inputs_at(path)


def inputs_at(path: str) -> list[Input]:
    """The picture or array in a file, or all pictures in a folder or zip; raises `BadData` where there is none."""
    place = existing(path)
    if place.suffix.lower() in _ARRAYS or is_image(place.name):
        return [Input(str(place), PurePosixPath(place.name), partial(contents, place, PICTURE))]
    if not place.is_dir() and place.suffix.lower() != ".zip":
        raise BadData(f"{path}: wanted pictures, such as .png, .jpg or .gif, a folder or zip of them, .npy or .npz")
    files = Files(place)
    names = [name for name in files.names if is_image(name)]
    if not names:
        raise BadData(f"{path}: holds no pictures; wanted files such as .png or .jpg")
    return [Input(files.where(name), PurePosixPath(name), partial(files.read, name, PICTURE)) for name in names]


def sequences(inputs: Iterable[Input]) -> Iterator[list[Input]]:
    """The inputs, those whose names are numbered one by one together, and all others each by itself."""
    for _, group in groupby(inputs, key=lambda one: one.group):
        together = list(group)
        first = together[0].number
        frames = first >= 0 and not together[0].is_array
        numbered = frames and [one.number for one in together] == [*range(first, first + len(together))]
        yield from [together] if numbered else ([one] for one in together)
