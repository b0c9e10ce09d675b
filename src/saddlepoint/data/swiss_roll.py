"""A rolled-up sheet, seen from its side."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from saddlepoint.ranges import Amount
from saddlepoint.source import Drawn, Source
from saddlepoint.spec import Spec, Units

_SCALE = 4.5 * math.pi


def swiss_roll(*, noise: Amount = 0.25) -> Source:
    """A single spiral in the plane: the Swiss roll seen from its side.

    Paper: Gulrajani et al. 2017, Improved training of Wasserstein GANs, figure 2; the roll is Marsland 2009's

    The curve is t (cos t, sin t) for t even from 1.5 pi to 4.5 pi; `noise` is the standard deviation of the
    Gaussian around it, in the same units. The paper divides both by 7.5.
    """

    def draw(count: int, source: torch.Generator) -> tuple[Tensor, None]:
        t = 1.5 * math.pi * (1 + 2 * torch.rand(count, generator=source))
        curve = t[:, None] * torch.stack([t.cos(), t.sin()], dim=1)
        return (curve + noise * torch.randn(count, 2, generator=source)) / _SCALE, None

    return Drawn(Spec((2,), units=Units(scale=_SCALE)), draw, identity={"source": "swiss_roll", "noise": noise})
