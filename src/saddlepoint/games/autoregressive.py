"""One player: each number of a sample given those before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear
from zuko.nn import MaskedLinear, MaskedMLP

from saddlepoint.architecture import Condition
from saddlepoint.conditional import Density, shares_for
from saddlepoint.game import Batch, Loss, Player
from saddlepoint.games._bins import Bins
from saddlepoint.ranges import Depth, Levels, Width
from saddlepoint.spec import Spec, Takes


def autoregressive(
    spec: Spec, *, levels: Levels = 16, width: Width = 256, depth: Depth = 2, label: Literal["join", "none"] = "join"
) -> Autoregressive:
    """A masked network that tells p(x_i | x_1 ... x_{i-1}) for all numbers of a sample at once, in `levels` levels.

    Paper: Germain et al. 2015, MADE: Masked Autoencoder for Distribution Estimation; Frey et al. 1996 (`depth` 0, the
    fully visible belief network)

    Numbers are cut into equal bins between the data's bounds, -4 and 4 where there are none, and are uniform inside
    one. Hidden layers are `width` wide, or as wide as a sample has numbers. The density takes one pass; sampling takes
    as many turns as a sample has numbers, the slow sampler of the lectures, but computes each unit once.
    """
    spec = spec.at_most(_LARGEST, "autoregressive")
    condition = Condition.of_vectors(spec if label == "join" else spec.unasked)
    return Autoregressive(spec, levels, (width,) * depth, condition, shares_for(spec, label))


class Autoregressive(Density, Takes):
    """log p(x | y) = sum_i log p(x_i | x_<i, y) of discrete numbers, in the order in which they are stored."""

    low: Tensor
    high: Tensor

    def __init__(
        self, spec: Spec, levels: int, hidden: Sequence[int], condition: Condition, shares: Sequence[float]
    ) -> None:
        super().__init__(shares)
        self.condition, size = condition, spec.size
        self.spec, self.shape, self.levels, self.size = spec, spec.shape, levels, size
        low, high = spec.bounds or _RANGE
        self.register_buffer("low", torch.full((size,), low), persistent=False)
        self.register_buffer("high", torch.full((size,), high), persistent=False)
        # The first number sees nothing; a constant input lets its bias come through every layer's mask.
        before = torch.ones(size, size, dtype=torch.bool).tril(-1)
        seen = torch.cat([before, torch.ones(size, 1 + condition.width, dtype=torch.bool)], dim=1)
        # With fewer hidden units than numbers the masks would cut off the last of them.
        wide = [max(width, size) for width in hidden]
        self.network = MaskedMLP(seen.repeat_interleave(levels, dim=0), wide)

    def players(self) -> Sequence[Player]:
        return (Player("network", [self.network, self.condition], self.loss),)

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
        """Samples (n, *shape): number after number, each unit computed once, as soon as all that it sees is there."""
        index = torch.zeros(n, self.size, dtype=torch.long, device=self.device)
        *hidden, last = _steps(self.network, self.size)
        seen = [self._input(index, y), *(torch.zeros(n, len(step.sees), device=self.device) for step in hidden)]
        outputs = torch.arange(len(last.sees), device=self.device).split(self.levels)
        for place in range(self.size if n else 0):
            for step, before, after in zip(hidden, seen[:-1], seen[1:], strict=True):
                after[:, step.ready[place]] = step(before, step.ready[place])
            logits = last(seen[-1], outputs[place])
            index[:, place] = torch.multinomial(logits.softmax(1), 1)[:, 0]
            seen[0][:, place] = self._scaled(index[:, place])
        return self._bins.inside(index).view(-1, *self.shape)

    def _log_mass(self, x: Tensor, y: Tensor | None) -> Tensor:
        index = self._bins.index(x)
        logits = self.network(self._input(index, y)).unflatten(1, (self.size, self.levels))
        return -cross_entropy(logits.transpose(1, 2), index, reduction="none").sum(1)

    def _input(self, index: Tensor, y: Tensor | None) -> Tensor:
        """Levels (B, D) between -1 and 1, a constant, and what is asked for."""
        parts = [self._scaled(index), torch.ones(len(index), 1, device=index.device)]
        if y is not None and self.condition.width:
            parts.append(self.condition.vector(y).float())
        return torch.cat(parts, dim=1)

    def _scaled(self, index: Tensor) -> Tensor:
        return index * (2 / (self.levels - 1)) - 1

    @property
    def _bins(self) -> Bins:
        return Bins(self.low, self.high, self.levels)


class _Step:
    """A masked layer whose units are computed once what they see is there: `ready[i]` before number i is drawn."""

    def __init__(self, layer: MaskedLinear, activation: nn.Module, sees: Tensor, size: int) -> None:
        self.weight, self.bias, self.activation = layer.mask * layer.weight, layer.bias, activation
        #: how many of the first numbers each unit sees
        self.sees = torch.where(layer.mask, sees, 0).amax(1)
        self.ready = [(self.sees == place).nonzero()[:, 0] for place in range(size)]

    def __call__(self, x: Tensor, units: Tensor) -> Tensor:
        y: Tensor = self.activation(linear(x, self.weight[units], self.bias[units]))
        return y


def _steps(network: MaskedMLP, size: int) -> list[_Step]:
    masked = [layer for layer in network if isinstance(layer, MaskedLinear)]
    activations = [layer for layer in network if not isinstance(layer, MaskedLinear)]
    sees = torch.zeros(masked[0].in_features, dtype=torch.long, device=masked[0].weight.device)
    sees[:size] = torch.arange(1, size + 1)
    steps: list[_Step] = []
    for layer, activation in zip(masked, [*activations, nn.Identity()], strict=True):
        steps.append(_Step(layer, activation, steps[-1].sees if steps else sees, size))
    return steps


_RANGE, _LARGEST = (-4.0, 4.0), 4096
