"""Two interleaved half circles."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from saddlepoint.ranges import Amount
from saddlepoint.source import Drawn, Source
from saddlepoint.spec import Spec, Units

_SHIFT, _SCALE = 0.5, 1.5


def moons(*, noise: Amount = 0.1) -> Source:
    """Two interleaved half circles in the plane, labelled: the simplest conditional toy.

    Paper: Pedregosa et al. 2011, Scikit-learn: Machine learning in Python (`make_moons`)

    The upper moon is (cos t, sin t), the lower (1 - cos t, 1/2 - sin t), for t from 0 to pi; `noise` is the
    standard deviation of the Gaussian around them.
    """

    def draw(count: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
        t = math.pi * torch.rand(count, generator=source)
        y = torch.randint(2, (count,), generator=source)
        lower, sign = y.float(), 1.0 - 2.0 * y
        curve = torch.stack([sign * t.cos() + lower, sign * t.sin() + lower / 2], dim=1)
        return (curve + noise * torch.randn(count, 2, generator=source) - _SHIFT) / _SCALE, y

    spec = Spec((2,), classes=("upper", "lower"), shares=(0.5, 0.5), units=Units(_SHIFT, _SCALE))
    return Drawn(spec, draw, identity={"source": "moons", "noise": noise})
