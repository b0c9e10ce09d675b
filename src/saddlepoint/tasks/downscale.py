"""Large pictures from small ones."""

from __future__ import annotations

from typing import Annotated

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from saddlepoint.ranges import Range
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Task, pictures


def downscale(spec: Spec, *, by: Annotated[int, Range(2, 64)] = 4) -> Task:
    """Pictures from the same ones with sides so many times as short.

    Paper: Ledig et al. 2017, Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network
    (section 3: a bicubic kernel, four times)

    The kernel is Pillow's, widened against aliasing, and what comes out is rounded to 8 bits as a file's is. Sides that
    `by` does not divide are rounded up.
    """
    channels, height, width = pictures(spec, "downscale")
    size = (-(-height // by), -(-width // by))

    def leave(x: Tensor, source: torch.Generator) -> Tensor:
        small = interpolate(x, size, mode="bicubic", antialias=True).clamp_(-1, 1)
        return small.add_(1).mul_(127.5).round_().div_(127.5).sub_(1)

    given = Spec((channels, *size), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    return Task(given, leave, identity={"name": "downscale", "by": by})
