"""One player: each number of a sample given those before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, linear, one_hot
from zuko.nn import MaskedLinear, MaskedMLP

from saddlepoint.bins import Bins
from saddlepoint.conditional import Density
from saddlepoint.game import Batch, Loss, Player
from saddlepoint.games.gan import shares_for
from saddlepoint.limits import at_least
from saddlepoint.source import Spec


def autoregressive(
    spec: Spec, *, levels: int = 16, width: int = 256, depth: int = 2, label: Literal["join", "none"] = "join"
) -> Autoregressive:
    """A masked network that tells p(x_i | x_1 ... x_{i-1}) for all numbers of a sample at once, in `levels` levels.

    Paper: Germain et al. 2015, MADE: Masked Autoencoder for Distribution Estimation; Frey et al. 1996 (`depth` 0, the
    fully visible belief network)

    Numbers are cut into equal bins between the data's bounds, -4 and 4 where there are none, and are uniform inside
    one. Hidden layers are `width` wide, or as wide as a sample has numbers. The density takes one pass; sampling takes
    as many as a sample has numbers: the slow sampler of the lectures.
    """
    at_least(2, "game", levels=levels)
    at_least(1, "game", width=width)
    at_least(0, "game", depth=depth)
    spec = spec.at_most(_LARGEST, "autoregressive")
    return Autoregressive(spec, levels, (width,) * depth, shares_for(spec, label))


class Autoregressive(Density):
    """log p(x | y) = sum_i log p(x_i | x_<i, y) of discrete numbers, in the order in which they are stored."""

    low: Tensor
    high: Tensor

    def __init__(self, spec: Spec, levels: int, hidden: Sequence[int], shares: Sequence[float]) -> None:
        super().__init__(shares)
        size = spec.size
        self.shape, self.levels, self.size = spec.shape, levels, size
        low, high = spec.bounds or _RANGE
        self.register_buffer("low", torch.full((size,), low), persistent=False)
        self.register_buffer("high", torch.full((size,), high), persistent=False)
        # The first number sees nothing; a constant input lets its bias come through every layer's mask.
        before = torch.ones(size, size, dtype=torch.bool).tril(-1)
        seen = torch.cat([before, torch.ones(size, 1 + self.classes, dtype=torch.bool)], dim=1)
        # With fewer hidden units than numbers the masks would cut off the last of them.
        wide = [max(width, size) for width in hidden]
        self.network = MaskedMLP(seen.repeat_interleave(levels, dim=0), wide)

    def players(self) -> Sequence[Player]:
        return (Player("network", [self.network], self.loss),)

    def loss(self, batch: Batch, step: int) -> Loss:
        """Minus the log-probability of the levels, in nats a sample."""
        return Loss({"likelihood": -self._log_mass(batch["x"].flatten(1), batch.get("y")).mean()})

    def log_density(self, x: Tensor, y: Tensor | None) -> Tensor:
        """log p(x | y) in nats (B,); minus infinity outside the range of the bins."""
        x = x.flatten(1)
        with torch.no_grad():
            log_mass = self._log_mass(x, y)
        return torch.where(self._bins.holds(x), log_mass - self._bins.log_volume, -torch.inf)

    def draw(self, n: int, y: Tensor | None) -> Tensor:
        index = torch.zeros(n, self.size, dtype=torch.long, device=self.device)
        *hidden, last = self.network
        assert isinstance(last, MaskedLinear)
        weight = last.mask * last.weight
        for place in range(self.size if n else 0):
            h = self._input(index, y)
            for layer in hidden:
                h = layer(h)
            # Only the rows of the number at hand: the whole last layer is most of the work.
            rows = slice(place * self.levels, (place + 1) * self.levels)
            logits = linear(h, weight[rows], last.bias[rows])
            index[:, place] = torch.multinomial(logits.softmax(1), 1)[:, 0]
        return self._bins.inside(index).view(-1, *self.shape)

    def _log_mass(self, x: Tensor, y: Tensor | None) -> Tensor:
        index = self._bins.index(x)
        logits = self.network(self._input(index, y)).unflatten(1, (self.size, self.levels))
        return -cross_entropy(logits.transpose(1, 2), index, reduction="none").sum(1)

    def _input(self, index: Tensor, y: Tensor | None) -> Tensor:
        """Levels (B, D) between -1 and 1, a constant, and one-hot labels."""
        parts = [index * (2 / (self.levels - 1)) - 1, torch.ones(len(index), 1, device=index.device)]
        if y is not None and self.classes:
            parts.append(one_hot(y, self.classes).float())
        return torch.cat(parts, dim=1)

    @property
    def _bins(self) -> Bins:
        return Bins(self.low, self.high, self.levels)


_RANGE, _LARGEST = (-4.0, 4.0), 4096
