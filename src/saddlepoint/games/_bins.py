"""Equal bins along each dimension: how continuous samples become discrete and back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Bins:
    """`count` equal bins between `low` and `high`, (D,) each, in each of D dimensions."""

    low: Tensor
    high: Tensor
    count: int

    @classmethod
    def around(cls, x: Tensor, count: int, bounds: tuple[float, float] | None = None) -> Bins:
        """Bins between the data's `bounds`, or where there are none such that they span vectors x (N, D).

        A dimension without bounds that never varies gets a narrow span of its own.
        """
        if bounds:
            return cls(torch.full_like(x[0], bounds[0]), torch.full_like(x[0], bounds[1]), count)
        low, high = x.amin(0), x.amax(0)
        flat = high - low < _NARROW
        return cls(torch.where(flat, low - _NARROW, low), torch.where(flat, high + _NARROW, high), count)

    def index(self, x: Tensor) -> Tensor:
        """The bins (B, D) of vectors x (B, D), the nearest one outside the span."""
        place = (x - self.low) / (self.high - self.low) * self.count
        return place.long().clamp(0, self.count - 1)

    def holds(self, x: Tensor) -> Tensor:
        """Which vectors x (B, D) lie within the span, (B,)."""
        return ((x >= self.low) & (x <= self.high)).all(1)

    def inside(self, index: Tensor) -> Tensor:
        """Vectors (B, D) uniform inside the bins of `index` (B, D)."""
        return (
            self.low
            + (index + torch.rand(index.shape, device=index.device, dtype=self.low.dtype))
            * (self.high - self.low)
            / self.count
        )

    @property
    def log_volume(self) -> Tensor:
        """The logarithm of a cell's volume, a scalar."""
        return ((self.high - self.low) / self.count).log().sum()


_NARROW = 1e-3
