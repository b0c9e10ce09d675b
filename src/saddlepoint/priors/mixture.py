"""The clustered prior."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.prior import Prior
from saddlepoint.ranges import Amount, Count


def mixture(*, modes: Count = 8, std: Amount = 0.2) -> Prior:
    """Equal Gaussians at fixed places of unit variance, so that a continuous generator can make disconnected modes.

    Paper: Gurumurthy et al. 2017, DeLiGAN: Generative Adversarial Networks for Diverse and Limited Data, section 4

    The places are drawn once from N(0, I) with a fixed seed; each mode has standard deviation `std`.
    """

    def draw(n: int, dimensions: int, device: torch.device) -> Tensor:
        places = torch.randn(modes, dimensions, generator=torch.Generator().manual_seed(0)).to(device)
        which = torch.randint(modes, (n,), device=device)
        return places[which] + std * torch.randn(n, dimensions, device=device)

    return draw
