"""MNIST's file format."""

from __future__ import annotations

import re
from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from saddlepoint.data._depth import Pixels, shallow
from saddlepoint.data._example import idx_file
from saddlepoint.data._files import existing, unpacked
from saddlepoint.data._labels import left_out, numbered, of_training
from saddlepoint.data._memory import fits
from saddlepoint.data._parted import parted
from saddlepoint.data._splits import part_of
from saddlepoint.errors import BadData, few
from saddlepoint.machine.regular import up_to
from saddlepoint.ranges import ProperShare
from saddlepoint.source import Source, split_off
from saddlepoint.spec import IMAGE_UNITS

_IMAGES = re.compile(r"images([-.])idx3-ubyte(\.gz)?$")
_MNIST_HELD = "t10k"
_UNSIGNED_BYTES = 8

Pair = tuple[Pixels, Pixels | None]


def idx(path: str, *, held_out: ProperShare = 0.1) -> Source:
    """Grey images in MNIST's file format (idx), plain or gzipped, with the labels that lie beside them.

    Paper: none; the format of LeCun, Cortes & Burges, The MNIST database of handwritten digits

    `path` is a folder that holds `train-images-idx3-ubyte`, or a file of images. In a folder the images named
    `t10k`, `test` or `val` are held out; where there are none, the share `held_out` is. Classes are the labels of the
    images to train on, called by their number.

    Raises `BadData`, naming the file, for a wrong magic number, a file cut short, and labels that do not fit.
    """
    found = existing(path)
    train, test = _in_folder(found) if found.is_dir() else (found, None)
    x, labels = _pair(train)
    count, notes = len(x), [] if labels is not None else [f"no file of labels lies beside {train}: not labelled"]
    if test is not None:
        x, labels, without = _joined((x, labels), _pair(test), test)
        notes += without
    classes, y = _classes(labels)
    parts = split_off(y, count, held_out) if test is None else (torch.arange(count), torch.arange(count, len(x)))
    pixels, depth = shallow(x)
    source = parted(torch.from_numpy(pixels), y, parts, IMAGE_UNITS, classes=classes, bounds=(-1.0, 1.0))
    source.notes = (*notes, *depth)
    return source


def reads(path: Path) -> int:
    """1 for a file that is called as an idx file is, 2 for one that starts so and a folder that holds idx images."""
    if path.is_dir():
        return 2 * any(_IMAGES.search(file.name) for file in path.iterdir())
    return 2 if _starts(path) else int(re.search(r"idx[13]-ubyte(\.gz)?$", path.name) is not None)


def example(folder: Path) -> Path:
    """Writes a small sample of what this reads below `folder`, and gives its path: images, labels, held-out ones."""
    source = np.random.default_rng(0)
    for name, count in (("train", 20), ("t10k", 6)):
        idx_file(folder / f"{name}-images-idx3-ubyte.gz", source.integers(0, 256, (count, 5, 4), dtype=np.uint8))
        idx_file(folder / f"{name}-labels-idx1-ubyte.gz", np.arange(count, dtype=np.uint8) % 10)
    return folder


def _starts(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"\0\0\x08\x01", b"\0\0\x08\x03")


def _in_folder(folder: Path) -> tuple[Path, Path | None]:
    """The file to train on and the one held out; a plain file goes before a gzipped one."""
    named = {file.name.removesuffix(".gz"): file for file in sorted(folder.iterdir(), reverse=True)}
    files = [file for file in named.values() if _IMAGES.search(file.name)]
    train, test = ([file for file in files if _is_held(file.name) is held] for held in (False, True))
    for these, what in ((train, "images to train on"), (test, "held-out images")):
        if len(these) > 1:
            some = few([file.name for file in these])
            raise BadData(f"{folder}: has several files of {what}, {some}; give one of them as the path")
    if not train:
        raise BadData(f"{folder}: holds no train-images-idx3-ubyte or train-images-idx3-ubyte.gz; give a file instead")
    return train[0], test[0] if test else None


def _is_held(name: str) -> bool:
    called = part_of(_IMAGES.sub("", name))
    return _MNIST_HELD in name or (called is not None and called.kind == "held")


def _pair(images: Path) -> Pair:
    """Images (N, 1, H, W) and the labels (N,) beside them."""
    x = _values(images, 3, "images")[:, None]
    beside = _labels_beside(images)
    if beside is None:
        return x, None
    y = _values(beside, 1, "labels")
    if len(y) != len(x):
        raise BadData(f"{beside}: wanted {len(x)} labels, one for each image in {images.name}, got {len(y)}")
    return x, y


def _labels_beside(images: Path) -> Path | None:
    name = _IMAGES.sub(r"labels\1idx1-ubyte", images.name)
    files = [images.with_name(name), images.with_name(f"{name}.gz")]
    return next((file for file in files if name != images.name and file.exists()), None)


def _values(file: Path, rank: int, what: str) -> Pixels:
    """The bytes of an idx file as an array of `rank` dimensions."""
    with unpacked(file) as opened:
        shape = _shape(opened.read(4 + 4 * rank), file, rank, what)
        size = prod(shape)
        fits(size, str(file))
        raw = up_to(opened, size + 1)
    if len(raw) != size:
        got = str(len(raw)) if len(raw) < size else "more"
        raise BadData(f"{file}: wanted {size} bytes of {what}, got {got}; get it anew")
    if size == 0:
        raise BadData(f"{file}: holds no {what}")
    return np.frombuffer(raw, np.uint8).reshape(shape).copy()


def _shape(head: bytes, file: Path, rank: int, what: str) -> tuple[int, ...]:
    if len(head) < 4 or head[:3] != bytes((0, 0, _UNSIGNED_BYTES)) or head[3] == 0:
        raise BadData(f"{file}: is no idx file of bytes, it starts with {head[:4].hex(' ') or 'nothing'}; get it anew")
    if head[3] != rank:
        raise BadData(f"{file}: wanted {what} of rank {rank}, got rank {head[3]}; give the file of the {what}")
    if len(head) < 4 + 4 * rank:
        raise BadData(f"{file}: is cut short, {len(head)} bytes from its start; get it anew")
    return tuple(int(n) for n in np.frombuffer(head[4:], dtype=">u4"))


def _joined(kept: Pair, held: Pair, file: Path) -> tuple[Pixels, Pixels | None, list[str]]:
    """The training samples and after them the held-out ones, which `file` holds, of the same classes; what is told."""
    (x, y), (held_x, held_y) = kept, held
    if held_x.shape[1:] != x.shape[1:]:
        sizes = ["x".join(map(str, images.shape[2:])) for images in (x, held_x)]
        raise BadData(f"{file}: wanted images of {sizes[0]} as in training, got {sizes[1]}")
    if y is None:
        return np.concatenate([x, held_x]), None, []
    if held_y is None:
        raise BadData(f"{file}: has no labels beside it, as the training images have; add or remove them")
    labels = np.concatenate([y, held_y])
    keep = np.array(of_training(labels.tolist(), [False] * len(y) + [True] * len(held_y)))
    notes = [] if keep.all() else [left_out(int((~keep).sum()))]
    return np.concatenate([x, held_x])[keep], labels[keep], notes


def _classes(y: Pixels | None) -> tuple[tuple[str, ...], Tensor | None]:
    return ((), None) if y is None else numbered([str(label) for label in y.tolist()])
