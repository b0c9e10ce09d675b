"""MNIST's file format."""

from __future__ import annotations

import re
from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from saddlepoint.data._files import contents, existing
from saddlepoint.data._parted import parted
from saddlepoint.errors import BadData
from saddlepoint.ranges import ProperShare
from saddlepoint.source import IMAGE_UNITS, Source, split_off

_IMAGES = re.compile(r"images([-.])idx3-ubyte(\.gz)?$")
_HELD = re.compile(r"t10k|test")
_UNSIGNED_BYTES = 8


def idx(path: str, *, held_out: ProperShare = 0.1) -> Source:
    """Grey images in MNIST's file format (idx), plain or gzipped, with the labels that lie beside them.

    Paper: none; the format of LeCun, Cortes & Burges, The MNIST database of handwritten digits

    `path` is a folder that holds `train-images-idx3-ubyte`, or a file of images. In a folder the images named
    `t10k` or `test` are held out; where there are none, the share `held_out` is. Classes are called by their
    number.

    Raises `BadData`, naming the file, for a wrong magic number, a file cut short, and labels that do not fit.
    """
    found = existing(path)
    train, test = _in_folder(found) if found.is_dir() else (found, None)
    x, y = _pair(train)
    if test is None:
        parts = split_off(y, len(x), held_out)
    else:
        count = len(x)
        x, y = _joined(x, y, *_pair(test), test)
        parts = torch.arange(count), torch.arange(count, len(x))
    classes = () if y is None else tuple(str(number) for number in range(int(y.max()) + 1))
    source = parted(x, y, parts, IMAGE_UNITS, classes=classes, bounds=(-1.0, 1.0))
    source.notes = () if y is not None else (f"no file of labels lies beside {train}: not labelled",)
    return source


def reads(path: Path) -> bool:
    """Whether `path` is an idx file or a folder that holds idx images."""
    if path.is_dir():
        return any(_IMAGES.search(file.name) for file in path.iterdir())
    return bool(re.search(r"idx[13]-ubyte(\.gz)?$", path.name)) or _starts(path)


def _starts(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"\0\0\x08\x01", b"\0\0\x08\x03")


def _in_folder(folder: Path) -> tuple[Path, Path | None]:
    """The file to train on and the one held out; a plain file goes before a gzipped one."""
    named = {file.name.removesuffix(".gz"): file for file in sorted(folder.iterdir(), reverse=True)}
    files = [file for file in named.values() if _IMAGES.search(file.name)]
    train, test = ([file for file in files if bool(_HELD.search(file.name)) is held] for held in (False, True))
    for these, what in ((train, "images to train on"), (test, "held-out images")):
        if len(these) > 1:
            some = ", ".join(sorted(file.name for file in these)[:3])
            raise BadData(f"{folder}: has several files of {what}, {some}; give one of them as the path")
    if not train:
        raise BadData(f"{folder}: holds no train-images-idx3-ubyte or train-images-idx3-ubyte.gz; give a file instead")
    return train[0], test[0] if test else None


def _pair(images: Path) -> tuple[Tensor, Tensor | None]:
    """Images (N, 1, H, W) and the labels (N,) beside them."""
    x = _tensor(images, 3, "images")[:, None]
    beside = _labels_beside(images)
    if beside is None:
        return x, None
    y = _tensor(beside, 1, "labels").long()
    if len(y) != len(x):
        raise BadData(f"{beside}: wanted {len(x)} labels, one for each image in {images.name}, got {len(y)}")
    return x, y


def _labels_beside(images: Path) -> Path | None:
    name = _IMAGES.sub(r"labels\1idx1-ubyte", images.name)
    files = [images.with_name(name), images.with_name(f"{name}.gz")]
    return next((file for file in files if name != images.name and file.exists()), None)


def _tensor(file: Path, rank: int, what: str) -> Tensor:
    raw = contents(file)
    if len(raw) < 4 or raw[:3] != bytes((0, 0, _UNSIGNED_BYTES)) or raw[3] == 0:
        raise BadData(f"{file}: is no idx file of bytes, it starts with {raw[:4].hex(' ') or 'nothing'}; get it anew")
    if raw[3] != rank:
        raise BadData(f"{file}: wanted {what} of rank {rank}, got rank {raw[3]}; give the file of the {what}")
    start = 4 + 4 * rank
    shape = tuple(int(n) for n in np.frombuffer(raw[4:start].ljust(4 * rank, b"\0"), dtype=">u4"))
    if len(raw) - start != prod(shape):
        raise BadData(f"{file}: wanted {prod(shape)} bytes of {what}, got {max(len(raw) - start, 0)}; get it anew")
    if 0 in shape:
        raise BadData(f"{file}: holds no {what}")
    return torch.from_numpy(np.frombuffer(raw, np.uint8, offset=start).reshape(shape).copy())


def _joined(
    x: Tensor, y: Tensor | None, held_x: Tensor, held_y: Tensor | None, file: Path
) -> tuple[Tensor, Tensor | None]:
    """The training samples and after them the held-out ones, which `file` holds."""
    if held_x.shape[1:] != x.shape[1:]:
        sizes = ["x".join(map(str, images.shape[2:])) for images in (x, held_x)]
        raise BadData(f"{file}: wanted images of {sizes[0]} as in training, got {sizes[1]}")
    joined = torch.cat([x, held_x])
    if y is None:
        return joined, None
    if held_y is None:
        raise BadData(f"{file}: has no labels beside it, as the training images have; add or remove them")
    return joined, torch.cat([y, held_y])
