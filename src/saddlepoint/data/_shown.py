"""Pictures that a trained model is shown, one by one: files, folders of them, arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from saddlepoint.data._files import Files, existing
from saddlepoint.data._picture import SUFFIXES, Mode, picture_at
from saddlepoint.data.arrays import pictures_at, reads
from saddlepoint.errors import BadData

_MODES: dict[int, Mode] = {1: "L", 3: "RGB", 4: "RGBA"}
_HALF = 128


class Picture(NamedTuple):
    """A picture x (C, H, W) in [0, 1], what of it is opaque, (1, H, W), and what it is called."""

    name: str
    x: Tensor
    opaque: Tensor


def shown_at(paths: Sequence[str], shape: tuple[int, ...]) -> list[Picture]:
    """The pictures at paths, each of `shape` (C, H, W).

    Raises `BadData` for what cannot be read, for pictures of another size, and for two of one name.
    """
    found: dict[str, Picture] = {}
    for path in paths:
        for picture in _at(path, shape):
            if found.setdefault(picture.name, picture) is not picture:
                raise BadData(f"{path}: two pictures are called {picture.name}; rename one, or take one at a time")
    return list(found.values())


def _at(path: str, shape: tuple[int, ...]) -> Iterator[Picture]:
    place = existing(path)
    if place.is_dir():
        names = [name for name in Files(place).names if Path(name).suffix.lower() in SUFFIXES]
        if not names:
            raise BadData(f"{path}: holds no pictures; wanted some that end in {', '.join(sorted(SUFFIXES))}")
        for name in names:
            yield _picture(str(place / name), Path(name).with_suffix("").as_posix().replace("/", "-"), shape)
    elif reads(place):
        for number, x in enumerate(pictures_at(path)):
            _refuse_other(f"{path}: x[{number}]", x, shape)
            yield Picture(f"{place.stem}-{number:05}", x, torch.ones(1, *x.shape[1:]))
    else:
        yield _picture(str(place), place.stem, shape)


def _picture(path: str, name: str, shape: tuple[int, ...]) -> Picture:
    x = torch.tensor(picture_at(path, _MODES.get(shape[0], "RGB"))) / 255
    _refuse_other(path, x, shape)
    if shape[0] == len("RGBA"):
        return Picture(name, x, torch.ones(1, *shape[1:]))
    alpha = torch.tensor(picture_at(path, "RGBA")[-1:])
    return Picture(name, x, (alpha >= _HALF).float())


def _refuse_other(where: str, x: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(x.shape) != shape:
        wanted, got = (" x ".join(map(str, one)) for one in (shape, x.shape))
        raise BadData(
            f"{where}: wanted a picture of {wanted} (channels x height x width), as the model makes, got {got}; "
            "bring it to that size"
        )
