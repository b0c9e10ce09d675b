"""Clean pictures from noisy ones."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.ranges import Amount
from saddlepoint.spec import Spec
from saddlepoint.task import Task, pictures


def noise(spec: Spec, *, std: Amount = 0.2) -> Task:
    """Clean pictures from the same ones with Gaussian noise.

    Paper: Zhang et al. 2017, Beyond a Gaussian Denoiser: Residual Learning of Deep CNN for Image Denoising (section 3)

    `std` is in units of [0, 1]: 0.2 is 51 of 255. What leaves the bounds is cut to them, as in a file.
    """
    pictures(spec, "noise")

    def leave(x: Tensor, source: torch.Generator) -> Tensor:
        return torch.randn(x.shape, generator=source).mul_(2 * std).to(x.device, x.dtype).add_(x).clamp_(-1, 1)

    return Task(spec.unasked, leave, identity={"name": "noise", "std": std})
