"""Pictures of the size of a trained model's own, one by one: in files, folders and zips of them, and arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from saddlepoint.data._inputs import Input, inputs_at
from saddlepoint.data._picture import Mode, picture_of
from saddlepoint.data.arrays import pictures_at
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
    for one in inputs_at(path):
        called = one.name.with_suffix("").as_posix().replace("/", "-")
        if not one.is_array:
            yield _picture(one, called, shape)
            continue
        for number, x in enumerate(pictures_at(one.where)):
            _refuse_other(f"{path}: x[{number}]", x, shape)
            yield Picture(f"{called}-{number:05}", x, torch.ones(1, *x.shape[1:]))


def _picture(one: Input, called: str, shape: tuple[int, ...]) -> Picture:
    raw = one.read()
    x = torch.tensor(picture_of(raw, one.where, _MODES.get(shape[0], "RGB"))) / 255
    _refuse_other(one.where, x, shape)
    if shape[0] == len("RGBA"):
        return Picture(called, x, torch.ones(1, *shape[1:]))
    alpha = torch.tensor(picture_of(raw, one.where, "RGBA")[-1:])
    return Picture(called, x, (alpha >= _HALF).float())


def _refuse_other(where: str, x: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(x.shape) != shape:
        wanted, got = (" x ".join(map(str, one)) for one in (shape, x.shape))
        raise BadData(
            f"{where}: wanted a picture of {wanted} (channels x height x width), as the model makes, got {got}; "
            "bring it to that size"
        )
