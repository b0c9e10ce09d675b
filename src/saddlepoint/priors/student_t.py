"""The heavy-tailed prior."""

from __future__ import annotations

from typing import Annotated

import torch
from torch import Tensor

from saddlepoint.prior import Prior
from saddlepoint.ranges import Range


def student_t(*, freedom: Annotated[float, Range(0.5, 1e6)] = 3.0) -> Prior:
    """Independent Student-t latents with heavy tails; `freedom` is the degrees of freedom.

    Paper: none; the t distribution lets a generator reach tails that a bounded or Gaussian prior misses
    """

    def draw(n: int, dimensions: int, device: torch.device) -> Tensor:
        t = torch.distributions.StudentT(torch.tensor(freedom, device=device))
        return t.sample(torch.Size((n, dimensions)))

    return draw
