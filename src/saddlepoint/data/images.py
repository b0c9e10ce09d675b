"""Images in a folder or a zip."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from math import ceil, prod
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from saddlepoint.data._brightness import brightened
from saddlepoint.data._files import Files, existing
from saddlepoint.data._folders import Found, found_in
from saddlepoint.data._labels import numbered, printable
from saddlepoint.data._picture import Head, Mode, Pictures, head_of
from saddlepoint.data._streamed import Streamed, stacked
from saddlepoint.data.idx import reads as reads_idx
from saddlepoint.errors import BadData, BadOption
from saddlepoint.ranges import Amount, ProperShare
from saddlepoint.source import Source, Stored, shares_of, split_off
from saddlepoint.spec import IMAGE_UNITS, Spec

_GIB = 2**30
_LEAST_HELD = 1000
_MOST_DIGITS = 4


def images(
    path: str,
    *,
    size: str | None = None,
    fit: Literal["crop", "resize", "pad"] = "crop",
    channels: Literal["auto", "grey", "rgb", "rgba"] = "auto",
    labels: str = "folders",
    held_out: ProperShare = 0.1,
    memory: Amount = 4.0,
) -> Source:
    """Images in a folder or a zip, labelled by its sub-folders or by a CSV file.

    Paper: none; the usual formats, read by https://pillow.readthedocs.io

    `size` is "64" or, height first, "48x64"; without it all images must have one size. `fit` says how others
    come to it: "crop" covers it and cuts what juts out, "resize" stretches, "pad" leaves black margins.
    `channels` are those of networks: "auto" is grey where every image is grey. `labels` is "folders" (at
    least two), "none", or a CSV file with the columns file and label. Folders called as sets are, such as
    train and test, say what is held out; otherwise `held_out` is the share that is. White is told by the
    greatest value of all. What takes more than `memory` GiB is read while training.

    Raises `BadData`, naming the file, for what cannot be read or labelled.
    """
    files = Files(existing(path))
    found = found_in(files, labels)
    names = tuple(item.name for item in found.items)
    heads = [head_of(files, name) for name in names]
    mode = _mode(heads, channels)
    pictures = Pictures(files, _size(size) or _common_size(heads, names, files), mode, fit)
    pictures, depths = brightened(pictures, names, heads)
    source = _source(pictures, names, heads, found, held_out, memory)
    streamed = (_streaming(pictures, names),) if isinstance(source, Streamed) else ()
    source.notes = (*found.notes, *_notes(heads, channels, mode), *depths, *streamed)
    return source


def reads(path: Path) -> bool:
    """Whether `path` is a folder, but not one of idx files, or a zip."""
    return (path.is_dir() and not reads_idx(path)) or path.suffix.lower() == ".zip"


def _source(
    pictures: Pictures, names: Sequence[str], heads: Sequence[Head], found: Found, share: float, memory: float
) -> Source:
    classes, y = _classes(found, pictures.files)
    kept, held = _sets(found, y, share)
    shares = () if y is None else shares_of(y[kept], len(classes))
    spec = Spec(pictures.shape, classes, shares, bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    if _gib(pictures, names) <= memory:
        x, held_x = (stacked(pictures, [names[i] for i in chosen], spec.shape) for chosen in (kept, held))
        return Stored(spec, x, *((None, held_x) if y is None else (y[kept], held_x, y[held])))
    most_held = max(_LEAST_HELD, int(memory * _GIB / (4 * prod(pictures.shape))))
    identity = _identity(pictures, heads, spec, (kept, held, y))
    return Streamed(spec, pictures, names, kept, held, y, most_held=most_held, identity=identity)


def _gib(pictures: Pictures, names: Sequence[str]) -> float:
    return prod(pictures.shape) * len(names) / _GIB


def _streaming(pictures: Pictures, names: Sequence[str]) -> str:
    needed = f"{ceil(100 * _gib(pictures, names)) / 100:g}"
    return f"{len(names)} images would take {needed} GiB: read while training (--data.memory {needed} holds them)"


def _classes(found: Found, files: Files) -> tuple[tuple[str, ...], Tensor | None]:
    labels = [item.label for item in found.items if item.label is not None]
    if not labels:
        return (), None
    classes, y = numbered(labels)
    printable(classes, str(files.path))
    return classes, y


def _sets(found: Found, y: Tensor | None, share: float) -> tuple[Tensor, Tensor]:
    if not found.split:
        return split_off(y, len(found.items), share)
    held = torch.tensor([item.held for item in found.items])
    return (~held).nonzero()[:, 0], held.nonzero()[:, 0]


def _identity(
    pictures: Pictures, heads: Sequence[Head], spec: Spec, parts: tuple[Tensor, Tensor, Tensor | None]
) -> dict[str, Any]:
    """What tells images that are not held in memory from others: their files' content, in order, and how it is read."""
    told = hashlib.sha256(repr((spec.as_dict(), pictures.fit, pictures.whites)).encode())
    for digest in (head.digest for head in heads):
        told.update(digest)
    for part in parts:
        if part is not None:
            told.update(part.numpy().tobytes())
    return {"sha256 of files": told.hexdigest()}


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    sides = re.fullmatch(r"([1-9][0-9]{0,3})(?:x([1-9][0-9]{0,3}))?", text.strip().lower())
    if not sides:
        raise BadOption(f"data.size: wanted a side, 64, or height and width, 48x64, below 10,000, got {text!r}")
    return int(sides[1]), int(sides[2] or sides[1])


def _common_size(heads: Sequence[Head], names: Sequence[str], files: Files) -> tuple[int, int]:
    first = heads[0].size
    for head, name in zip(heads, names, strict=True):
        if head.size != first:
            raise BadData(
                f"{files.path}: images differ in size, {names[0]} is {_shown(first)} and {name} is "
                f"{_shown(head.size)} (height x width); give one: --data.size 64 --data.fit crop|resize|pad"
            )
    return first


def _shown(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _mode(heads: Sequence[Head], channels: str) -> Mode:
    if channels == "rgba":
        return "RGBA"
    grey = channels == "grey" or (channels == "auto" and all(head.grey for head in heads))
    return "L" if grey else "RGB"


def _notes(heads: Sequence[Head], channels: str, mode: Mode) -> list[str]:
    alpha = sum(head.alpha for head in heads) if mode != "RGBA" else 0
    grey = sum(head.grey for head in heads) if channels == "auto" and mode == "RGB" else 0
    counted = [
        (alpha, "an alpha channel: flattened onto white (--data.channels rgba keeps it)"),
        (sum(head.palette for head in heads), "a palette: turned into plain pixels"),
        (sum(head.foreign for head in heads), "a mode such as CMYK: turned into RGB"),
        (sum(head.frames for head in heads), "several frames: the first is taken"),
        (grey, "grey pixels only: taken as colour like the others (--data.channels grey makes all grey)"),
    ]
    return [f"{n} {'image has' if n == 1 else 'images have'} {what}" for n, what in counted if n]
