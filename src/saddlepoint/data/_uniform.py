"""What brings the pictures of a set to one size, one mode and one brightness."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from saddlepoint.data._brightness import brightened
from saddlepoint.data._files import Files
from saddlepoint.data._picture import Fit, Half, Head, Mode, Pictures
from saddlepoint.errors import BadData, BadOption

Channels = Literal["auto", "grey", "rgb", "rgba"]


@dataclass(frozen=True)
class Wanted:
    """What pictures are to be brought to; `of` is what stands before the names of these options."""

    size: tuple[int, int] | None
    fit: Fit
    channels: Channels
    of: str = ""


def uniform(
    files: Files, names: Sequence[str], heads: Sequence[Head], wanted: Wanted, half: Half | None = None
) -> tuple[Pictures, list[str]]:
    """What reads pictures alike, or a `half` of each of which `heads` speak, and what is to be told of them.

    Raises `BadData` where they differ in size and none is wanted.
    """
    mode = _mode(heads, wanted.channels)
    size = wanted.size or _common_size(heads, names, files, wanted)
    pictures, depths = brightened(Pictures(files, size, mode, wanted.fit, half=half), names, heads)
    return pictures, [*_notes(heads, wanted, mode), *depths]


def size_of(text: str | None, option: str = "size") -> tuple[int, int] | None:
    """Height and width as an option says them, "64" or "48x64"; raises `BadOption` for anything else."""
    if text is None:
        return None
    sides = re.fullmatch(r"([1-9][0-9]{0,3})(?:x([1-9][0-9]{0,3}))?", text.strip().lower())
    if not sides:
        raise BadOption(f"data.{option}: wanted a side, 64, or height and width, 48x64, below 10,000, got {text!r}")
    return int(sides[1]), int(sides[2] or sides[1])


def _common_size(heads: Sequence[Head], names: Sequence[str], files: Files, wanted: Wanted) -> tuple[int, int]:
    first = heads[0].size
    for head, name in zip(heads, names, strict=True):
        if head.size != first:
            raise BadData(
                f"{files.path}: images differ in size, {names[0]} is {shown_size(first)} and {name} is "
                f"{shown_size(head.size)} (height x width); give one: --data.{wanted.of}size 64 "
                "--data.fit crop|resize|pad"
            )
    return first


def shown_size(size: tuple[int, int]) -> str:
    """Height and width as errors show them."""
    return f"{size[0]}x{size[1]}"


def _mode(heads: Sequence[Head], channels: Channels) -> Mode:
    if channels == "rgba":
        return "RGBA"
    grey = channels == "grey" or (channels == "auto" and all(head.grey for head in heads))
    return "L" if grey else "RGB"


def _notes(heads: Sequence[Head], wanted: Wanted, mode: Mode) -> list[str]:
    alpha = sum(head.alpha for head in heads) if mode != "RGBA" else 0
    grey = sum(head.grey for head in heads) if wanted.channels == "auto" and mode == "RGB" else 0
    option = f"--data.{wanted.of}channels"
    counted = [
        (alpha, f"an alpha channel: flattened onto white ({option} rgba keeps it)"),
        (sum(head.palette for head in heads), "a palette: turned into plain pixels"),
        (sum(head.foreign for head in heads), "a mode such as CMYK: turned into RGB"),
        (sum(head.frames for head in heads), "several frames: the first is taken"),
        (grey, f"grey pixels only: taken as colour like the others ({option} grey makes all grey)"),
    ]
    return [f"{n} {'image has' if n == 1 else 'images have'} {what}" for n, what in counted if n]
