"""Intertwined spirals."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from saddlepoint.ranges import Amount, Count
from saddlepoint.source import Drawn, Source
from saddlepoint.spec import Spec, Units

_TURNS = 1.5


def spiral(*, arms: Count = 2, noise: Amount = 0.1) -> Source:
    """Intertwined spirals in the plane, one thin connected piece for each arm.

    Paper: Grathwohl et al. 2019, FFJORD: Free-form continuous dynamics for scalable reversible generative models

    An arm is the curve (t / 3) (cos t, sin t) for t from 0 to 3 pi, turned to its place; t / 3 pi is the root
    of a uniform number, which covers the curve about evenly. `noise` is the standard deviation of the
    Gaussian around it.
    """
    longest = 2 * math.pi * _TURNS
    scale = longest / 3

    def draw(count: int, source: torch.Generator) -> tuple[Tensor, None]:
        t = longest * torch.rand(count, generator=source).sqrt()
        angle = t + torch.randint(arms, (count,), generator=source) * (2 * math.pi / arms)
        curve = (t / longest)[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
        return curve + (noise / scale) * torch.randn(count, 2, generator=source), None

    identity = {"source": "spiral", "arms": arms, "noise": noise}
    return Drawn(Spec((2,), units=Units(scale=scale)), draw, identity=identity)
