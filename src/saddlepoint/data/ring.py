"""Eight Gaussians on a circle."""

from __future__ import annotations

import math

import torch

from saddlepoint.data._mixture import mixture_source
from saddlepoint.ranges import Amount, Count, Scale
from saddlepoint.source import Source


def ring(*, modes: Count = 8, radius: Scale = 1.0, std: Amount = 0.01) -> Source:
    """Gaussians evenly placed on a circle in the plane; the classic test of mode collapse.

    Paper: Lin et al. 2018, PacGAN: The power of two samples in generative adversarial networks, section 4.1

    `radius` and `std` are in the plane's units. The first mode lies at (radius, 0).
    """
    angle = torch.arange(modes) * (2 * math.pi / modes)
    means = radius * torch.stack([angle.cos(), angle.sin()], dim=1)
    return mixture_source(means, std, identity={"modes": modes, "radius": radius, "std": std})
