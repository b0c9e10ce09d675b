"""The heavy-tailed prior."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.prior import Prior


def student_t(*, freedom: float = 3.0) -> Prior:
    """Independent Student-t latents with heavy tails; `freedom` is the degrees of freedom.

    Paper: none; the t distribution lets a generator reach tails that a bounded or Gaussian prior misses
    """

    def draw(n: int, dimensions: int, device: torch.device) -> Tensor:
        t = torch.distributions.StudentT(torch.tensor(freedom, device=device))
        return t.sample(torch.Size((n, dimensions)))

    return draw
