"""A small Gaussian around every training sample."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from saddlepoint.errors import BadOption
from saddlepoint.fitted import FittedDensity, Known
from saddlepoint.ranges import Amount
from saddlepoint.spec import Spec


def kde(spec: Spec, *, bandwidth: Amount = 0.0) -> FittedDensity:
    """Kernel density estimation, Parzen's windows: the average of Gaussians around all training samples.

    Paper: Parzen 1962, On Estimation of a Probability Density Function and Mode

    log p(x) = log mean_i N(x; x_i, h^2). The `bandwidth` h, in units of what networks see, is chosen where it is 0: of
    forty between 0.001 and 10 the one under which a tenth of the samples, a thousand at most, is likeliest given ten
    thousand others at most.
    """
    if 0 < bandwidth < _NARROWEST:
        raise BadOption(f"game.bandwidth: wanted 0, to have it chosen, or at least {_NARROWEST:g}, got {bandwidth:g}")
    return FittedDensity(spec, lambda: Kernels(bandwidth))


class Kernels(Known):
    """Gaussians of one bandwidth, a scalar, at points (N, D)."""

    points: Tensor
    bandwidth: Tensor

    def __init__(self, bandwidth: float) -> None:
        super().__init__(points=torch.empty(0, 0), bandwidth=torch.tensor(bandwidth))
        self.told = bandwidth

    def fit(self, x: Tensor) -> None:
        self.points = x.clone()
        self.bandwidth = x.new_tensor(self.told) if self.told else _likeliest(x)

    def draw(self, n: int) -> Tensor:
        centres = self.points[torch.randint(len(self.points), (n,), device=self.points.device)]
        return centres + self.bandwidth * torch.randn_like(centres)

    def log_density(self, x: Tensor) -> Tensor:
        parts = x.split(max(1, _AT_ONCE // len(self.points)))
        return torch.cat([_log_mean(torch.cdist(part, self.points).square(), self.bandwidth, x) for part in parts])


def _log_mean(squared: Tensor, bandwidth: Tensor, x: Tensor) -> Tensor:
    """log mean_i N of squared distances (B, N) in the dimensions of x (B, D): (B,)."""
    dimensions, count = x.shape[1], squared.shape[1]
    height = -dimensions * (bandwidth.log() + 0.5 * math.log(2 * math.pi)) - math.log(count)
    return (-0.5 * squared / bandwidth.square()).logsumexp(1) + height


def _likeliest(x: Tensor) -> Tensor:
    if len(x) < 2:
        raise BadOption("kde needs two samples of a class to choose its bandwidth; say --game.bandwidth")
    # Samples come shuffled. The best width shrinks with their number, slowly: more would cost more than they tell.
    held = min(max(len(x) // 10, 1), 1000)
    squared = torch.cdist(x[:held], x[held : held + 10_000]).square()
    widths = torch.logspace(-3, 1, 40, dtype=x.dtype, device=x.device)
    return max(widths, key=lambda width: float(_log_mean(squared, width, x).mean()))


# So many numbers at once stay in a cache: 1.8 times as fast as 2**26.
_AT_ONCE, _NARROWEST = 2**21, 1e-6
