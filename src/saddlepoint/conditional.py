"""Games whose samples can be asked for by class, and those that know a density for each class."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from saddlepoint.errors import Unfit
from saddlepoint.game import Game, Samples, Scores
from saddlepoint.spec import Asked, Spec


class Conditional(Game, Samples):
    """A game that samples by class where it has classes: `shares` are the classes' shares of the data, or empty.

    Where one of its modules is `Asked` by something else than a label, there is no sampling without that.
    """

    shares: Tensor

    def __init__(self, shares: Sequence[float] = ()) -> None:
        super().__init__()
        self.classes = len(shares)
        self.register_buffer("shares", torch.tensor(shares, dtype=torch.float64), persistent=False)

    @property
    def asks(self) -> bool:
        """Whether something else than a label must be given."""
        return any(isinstance(module, Asked) and module.given is not None for module in self.modules())

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """`n` samples (n, *shape), of classes `y` (n,) or of the data's own mix, or given `y`.

        Raises `Unfit` where something must be given and is not.
        """
        if self.asks and y is None:
            raise Unfit("its samples are asked for by what is given")
        with torch.no_grad():
            return self.draw(n, self.mix(n) if y is None else y)

    def mix(self, n: int) -> Tensor | None:
        """Labels (n,) in the data's own shares; None without classes."""
        if not self.classes:
            return None
        return torch.multinomial(self.shares, max(n, 1), replacement=True)[:n]  # it refuses to draw none

    @abstractmethod
    def draw(self, n: int, y: Tensor | None) -> Tensor:
        """`n` samples (n, *shape) of classes `y` (n,), None for a game without classes."""


def shares_for(spec: Spec, label: str) -> Sequence[float]:
    """The classes' shares for a game that takes labels as `label` says; empty where it takes none."""
    return spec.shares if spec.classes and label != "none" else ()


class Density(Conditional, Scores):
    """A conditional game that knows log p(x | y).

    With several classes it is a classifier too, Bayes': p(y | x) = p(x | y) p(y) / p(x).
    """

    @abstractmethod
    def log_density(self, x: Tensor, y: Tensor | None) -> Tensor:
        """log p(x | y) in nats (B,) of samples x (B, *shape) of classes y (B,), None for a game without classes."""

    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """log p(x | y), or without `y` log p(x) = log sum_y p(x | y) p(y), in nats (B,).

        Raises `Unfit` where something must be given and is not.
        """
        if self.asks and y is None:
            raise Unfit("its likelihoods are those of samples that are asked for by what is given")
        if y is not None or not self.classes:
            return self.log_density(x, y)
        return self.joint(x).logsumexp(1)

    def posterior(self, x: Tensor) -> Tensor:
        """log p(y | x) in nats (B, classes): the generative classifier."""
        return self.joint(x).log_softmax(1)

    def joint(self, x: Tensor) -> Tensor:
        """log p(x, y) in nats (B, classes) of samples x (B, *shape), for a game with classes."""
        labels = torch.arange(self.classes, device=x.device)[:, None].expand(-1, len(x))
        given = torch.stack([self.log_density(x, y) for y in labels], dim=1)
        return given + self.shares.log().to(given.dtype)
