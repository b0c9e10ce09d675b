"""The normal prior without its tails."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.prior import Prior
from saddlepoint.ranges import Scale


def truncated(*, threshold: Scale = 2.0) -> Prior:
    """Normal latents, each drawn again until it lies within `threshold` of zero.

    Paper: Brock, Donahue & Simonyan 2019, Large Scale GAN Training for High Fidelity Natural Image Synthesis, 3.1

    Drawn by inverting the distribution function, which is the same distribution without the loop.
    """
    tail = float(torch.special.ndtr(torch.tensor(-threshold, dtype=torch.float64)))

    def draw(n: int, dimensions: int, device: torch.device) -> Tensor:
        u = torch.rand(n, dimensions, device=device, dtype=torch.float64)
        return torch.special.ndtri(tail + (1 - 2 * tail) * u).float().clamp(-threshold, threshold)

    return draw
