"""The idea: a generative model is a game; a game has players; a player minimises a sum of named terms.

What a trained game can do, it says by its bases: `Samples`, `Decodes`, `Encodes`, `Reconstructs`, `Translates`,
`Scores`, `Discerns`, `Codes`.
One that has no players is fitted at once: `Fits`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import torch
from torch import Tensor, nn

Batch = Mapping[str, Tensor]


class Idle(Tensor):
    """The zero that a lazy term is at a step at which it is not due: it is no number to be logged."""

    # What is computed with it is a plain tensor.
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]


@dataclass(frozen=True)
class Loss:
    """Named scalar `terms`, whose sum a player minimises, and what was `seen` on the way (scores, samples)."""

    terms: Mapping[str, Tensor]
    seen: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def total(self) -> Tensor:
        """The sum of the terms, a scalar."""
        first, *rest = self.terms.values()
        return sum(rest, start=first)


def of_parts(parts: Sequence[Tensor]) -> Tensor:
    """What was seen in several parts: the rows of all, or the mean of scalars."""
    return torch.cat([*parts]) if parts[0].dim() else torch.stack([*parts]).mean()


def _nothing(loss: Loss) -> None:
    return None


@dataclass(frozen=True)
class Player:
    """Who moves what, to make which loss small.

    `networks` are moved by this player and nobody else; `loss` maps a batch and the step's index to a `Loss`;
    `steps` moves are made in a row, each on a fresh batch; `after` runs after each move, without gradients (a
    projection, a controller); `averages` pairs a moved network with the module that holds its moving average.
    """

    name: str
    networks: Sequence[nn.Module]
    loss: Callable[[Batch, int], Loss]
    steps: int = 1
    after: Callable[[Loss], None] = _nothing
    averages: Sequence[tuple[nn.Module, nn.Module]] = ()

    def parameters(self) -> list[nn.Parameter]:
        """Every parameter the player moves, each once."""
        found = (p for network in self.networks for p in network.parameters())
        return list(dict.fromkeys(found))


class Game(nn.Module, ABC):
    """A generative model as it is trained: its networks and its players. State that must survive is a buffer.

    `even` says that each batch is to hold as many samples of each class; `grown` from which step on its networks are of
    their full size.
    """

    even: bool = False
    grown: int = 0

    @abstractmethod
    def players(self) -> Sequence[Player]:
        """The players, in the order in which they move."""

    @property
    def device(self) -> torch.device:
        """Where the game is."""
        return next(chain(self.parameters(), self.buffers())).device

    def placed(self, x: Tensor) -> Tensor:
        """Samples where the game is, in its networks' digits; a game without networks takes all that they have."""
        weight = next(self.parameters(), None)
        return x.to(self.device) if weight is None else x.to(weight)


class Samples(ABC):
    """Can make new samples; of `classes` classes that can be asked for, 0 where there is no asking by class."""

    classes: int = 0

    @property
    def asks(self) -> bool:
        """Whether samples are asked for by something else than a label, without which there are none."""
        return False

    @abstractmethod
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """`n` samples (n, *shape) as networks see them: of classes `y` (n,), of the data's own mix, or given `y`."""


def asks(game: Game) -> bool:
    """Whether a game makes samples, and none without something else than a label that is given."""
    return isinstance(game, Samples) and game.asks


class Decodes(ABC):
    """Can turn latents into samples."""

    @abstractmethod
    def latents(self, n: int) -> Tensor:
        """`n` latents (n, latent) from the prior."""

    @abstractmethod
    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Samples (B, *shape) from latents `z` (B, latent) and conditions `y` (B,)."""


class Styles(Decodes):
    """Decodes by way of styles, one for each layer, from coarse to fine."""

    @abstractmethod
    def style(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Styles (B, layers, style) of latents `z` (B, latent) and conditions `y` (B,)."""

    @abstractmethod
    def paint(self, w: Tensor) -> Tensor:
        """Samples (B, *shape) of styles `w` (B, layers, style)."""

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.paint(self.style(z, y))


class Encodes(ABC):
    """Can turn samples into latents."""

    @abstractmethod
    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Latents (B, latent) of samples `x` (B, *shape) of conditions `y` (B,)."""


class Reconstructs(Encodes, Decodes):
    """Is to make samples again that it encodes; that, and not what it samples, is what it learns."""


class Translates(ABC):
    """Can turn samples of the first of two classes into ones of the second, and back where it goes `both_ways`."""

    both_ways: bool = True

    @abstractmethod
    def translate(self, x: Tensor, y: Tensor) -> Tensor:
        """The counterparts (B, *shape) of samples `x` (B, *shape) in classes `y` (B,)."""


class Scores(ABC):
    """Can say how likely samples are."""

    @abstractmethod
    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Log-density (B,), in nats, of samples `x` (B, *shape): of class `y` (B,), or of the whole mix."""


class Discerns(ABC):
    """Has a discriminator that can be asked about samples."""

    @abstractmethod
    def discern(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The discriminator's raw scores (B,) of samples `x` (B, *shape) and labels `y` (B,): higher looks more real.

        Raises `Unfit` where it does not score samples one by one.
        """


class Codes(Decodes):
    """Has found a discrete code of its own, one of `codes` values, that latents carry; 0 where it has none."""

    codes: int

    @abstractmethod
    def coded(self, z: Tensor, code: Tensor) -> Tensor:
        """Latents `z` (B, latent) with their code set to `code` (B,)."""


class Fits(ABC):
    """Is fitted to all of the data at once, in closed form, instead of being played."""

    @abstractmethod
    def fit(self, x: Tensor, y: Tensor | None = None) -> None:
        """Fit to samples `x` (N, *shape) of classes `y` (N,)."""
