"""The uniform prior."""

from __future__ import annotations

import torch

from saddlepoint.prior import Prior
from saddlepoint.ranges import Scale


def uniform(*, bound: Scale = 1.0) -> Prior:
    """Independent uniform latents, U(-bound, bound).

    Paper: Radford, Metz & Chintala 2016, Unsupervised Representation Learning with DCGANs, section 3
    """
    return lambda n, dimensions, device: bound * (2 * torch.rand(n, dimensions, device=device) - 1)
