"""The standard normal prior."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.prior import Prior
from saddlepoint.ranges import Scale


def gaussian(*, std: Scale = 1.0) -> Prior:
    """Independent normal latents, N(0, std^2).

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets
    """

    def draw(n: int, dimensions: int, device: torch.device) -> Tensor:
        z = torch.randn(n, dimensions, device=device)
        return z if std == 1 else std * z

    return draw
