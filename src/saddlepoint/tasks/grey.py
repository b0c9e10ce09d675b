"""Colours from grey pictures."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.colour import grey_of
from saddlepoint.errors import BadData
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Task, pictures


def grey(spec: Spec) -> Task:
    """Colours from the grey picture that is as light.

    Paper: Zhang, Isola & Efros 2016, Colorful Image Colorization (section 2: L* is given, a* and b* are made)

    Grey of the same L* (CIELAB under D65), which samples keep: only their chroma is made.
    """
    channels, height, width = pictures(spec, "grey")
    if channels != 3:
        got = "grey ones already" if channels == 1 else f"ones of {channels} channels"
        raise BadData(
            f"task grey wants pictures in colour, got {got}; take --data.channels rgb where files have colour"
        )

    def leave(x: Tensor, source: torch.Generator) -> Tensor:
        return 2 * grey_of((x + 1) / 2) - 1

    given = Spec((1, height, width), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    return Task(given, leave, "lightness", {"name": "grey"})
