"""The prior on a sphere."""

from __future__ import annotations

import torch
from torch.nn.functional import normalize

from saddlepoint.prior import Prior


def sphere() -> Prior:
    """Latents evenly spread on the sphere of radius sqrt(dimensions), where nearly all of N(0, I) lies.

    Paper: White 2016, Sampling Generative Networks, section 2
    """
    return lambda n, dimensions, device: normalize(torch.randn(n, dimensions, device=device), dim=1) * dimensions**0.5
