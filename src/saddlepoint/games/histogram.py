"""Counting samples in bins."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from saddlepoint.fitted import FittedDensity, Known
from saddlepoint.games._bins import Bins
from saddlepoint.ranges import Amount, Count
from saddlepoint.spec import Spec


def histogram(spec: Spec, *, bins: Count = 32, count: Amount = 0.0) -> FittedDensity:
    """The share of samples in each cell of a grid, uniform inside a cell.

    Paper: textbook; the maximum-likelihood estimate over cells, or Laplace's rule of succession with `count` 1

    `bins` equal bins a dimension make K = bins^D cells; one with n of N samples has mass (n + count) / (N + count K).
    They span the data's bounds, or what it holds. Only cells with samples are stored; `empty_share` says how many have
    none: nearly all in high dimensions.
    """
    return FittedDensity(spec, lambda: Cells(bins, count, spec.bounds))


class Cells(Known):
    """The cells of a grid that hold samples: their places (M, D) and how many each holds (M,)."""

    low: Tensor
    high: Tensor
    places: Tensor
    held: Tensor

    def __init__(self, bins: int, count: float, bounds: tuple[float, float] | None) -> None:
        super().__init__(
            low=torch.empty(0),
            high=torch.empty(0),
            places=torch.empty(0, 0, dtype=torch.long),
            held=torch.empty(0, dtype=torch.long),
        )
        self.bins, self.count, self.bounds = bins, count, bounds

    def fit(self, x: Tensor) -> None:
        around = Bins.around(x, self.bins, self.bounds)
        self.low, self.high = around.low, around.high
        self.places, self.held = around.index(x).unique(dim=0, return_counts=True)

    @property
    def empty_share(self) -> float:
        """The share of the grid's cells that hold no sample."""
        return 1 - math.exp(math.log(len(self.places)) - self._log_cells)

    def draw(self, n: int) -> Tensor:
        chosen = self.places[torch.multinomial(self.held.double(), n, replacement=True)]
        if self.count:
            anywhere = torch.randint(self.bins, chosen.shape, device=chosen.device)
            smoothed = torch.rand(n, 1, device=chosen.device) < 1 - math.exp(math.log(self._samples) - self._log_total)
            chosen = anywhere.where(smoothed, chosen)
        return self._grid.inside(chosen)

    def log_density(self, x: Tensor) -> Tensor:
        """log p(x) (B,); minus infinity outside the grid, and in empty cells unless they are counted."""
        rows = torch.cat([self.places, self._grid.index(x)])
        _, which = rows.unique(dim=0, return_inverse=True)
        held = torch.zeros(int(which.max()) + 1, dtype=torch.double, device=x.device)
        held[which[: len(self.places)]] = self.held.double()
        log_mass = (held[which[len(self.places) :]] + self.count).log() - self._log_total
        return torch.where(self._grid.holds(x), log_mass - self._grid.log_volume, -torch.inf)

    @property
    def _grid(self) -> Bins:
        return Bins(self.low, self.high, self.bins)

    @property
    def _log_cells(self) -> float:
        """log bins^D; the number itself overflows in high dimensions."""
        return len(self.low) * math.log(self.bins)

    @property
    def _samples(self) -> int:
        return int(self.held.sum())

    @property
    def _log_total(self) -> float:
        """log (N + count K)."""
        own = math.log(self._samples)
        return float(np.logaddexp(own, math.log(self.count) + self._log_cells)) if self.count else own
