"""The Gaussian of greatest likelihood."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from saddlepoint.errors import BadOption
from saddlepoint.fitted import FittedDensity, Known
from saddlepoint.ranges import Amount
from saddlepoint.spec import Spec


def gaussian(spec: Spec, *, floor: Amount = 1e-4) -> FittedDensity:
    """The mean and the covariance of the data: maximum likelihood in closed form.

    Paper: textbook; log p(x) = -1/2 (D log 2 pi + log |S| + (x - m)' S^-1 (x - m))

    S is the average of squared deviations (1/N, not 1/(N-1)) plus `floor` on the diagonal, in squared units of what
    networks see, so that data in a subspace has a density too. With labels it is quadratic discriminant analysis.
    """
    return FittedDensity(spec.at_most(_LARGEST, "a full covariance"), lambda: Normal(floor))


class Normal(Known):
    """A Gaussian: its mean (D,) and the lower Cholesky factor (D, D) of its covariance."""

    mean: Tensor
    factor: Tensor

    def __init__(self, floor: float) -> None:
        super().__init__(mean=torch.empty(0), factor=torch.empty(0, 0))
        self.floor = floor

    def fit(self, x: Tensor) -> None:
        exact = x.double()
        mean = exact.mean(0)
        covariance = (exact - mean).T @ (exact - mean) / len(x)
        covariance.diagonal().add_(self.floor)
        # Contiguous, as it will be when it is loaded: a product's last bits depend on the layout.
        factor, failed = torch.linalg.cholesky_ex(covariance)
        if failed:
            raise BadOption(f"game.floor: wanted more than {self.floor:g}, as the data lies in a subspace")
        self.mean, self.factor = mean.to(x.dtype), factor.to(x.dtype).contiguous()

    def draw(self, n: int) -> Tensor:
        return (
            self.mean + torch.randn(n, len(self.mean), device=self.mean.device, dtype=self.mean.dtype) @ self.factor.T
        )

    def log_density(self, x: Tensor) -> Tensor:
        whitened = torch.linalg.solve_triangular(self.factor, (x - self.mean).T, upper=False)
        volume = self.factor.diagonal().log().sum()
        return -0.5 * (whitened.square().sum(0) + len(self.mean) * math.log(2 * math.pi)) - volume


_LARGEST = 4096
