"""A duel is one discriminator before real and fake samples; an objective is two sums of terms over it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import torch
from torch import Tensor, nn

from saddlepoint.errors import BadOption
from saddlepoint.game import Idle, Loss
from saddlepoint.schedule import Lazy, Weight, schedule

Discriminator = Callable[[Tensor, Tensor | None], Tensor]
Made = TypeVar("Made")


class Featured(ABC):
    """A discriminator in two halves, so that terms that look at features share them with the scores."""

    @abstractmethod
    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Features (B, F) of samples `x` (B, ...) of conditions `y`."""

    @abstractmethod
    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        """Scores (B,) of features (B, F)."""

    def __call__(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Scores (B,) of samples `x` (B, ...)."""
        return self.judge(self.features(x, y), y)


class Duel:
    """Real `x` and `fake` samples (B, ...) of conditions `y` (B,) before a discriminator `(x, y) -> (B,)`.

    Scores are raw outputs (logits), computed when first asked for. `step` is the index that schedules read.
    """

    def __init__(
        self, discriminator: Discriminator, x: Tensor, fake: Tensor, y: Tensor | None = None, step: int = 0
    ) -> None:
        self.discriminator, self.x, self.fake, self.y, self.step = discriminator, x, fake, y, step
        self.told: dict[str, Tensor] = {}
        self._remembered: dict[Hashable, object] = {}

    @cached_property
    def on_real(self) -> Tensor:
        """Scores of the real samples, (B,)."""
        if isinstance(self.discriminator, Featured):
            return self.discriminator.judge(self.real_features, self.y)
        return self.discriminator(self.x, self.y)

    @cached_property
    def on_fake(self) -> Tensor:
        """Scores of the fake samples, (B,)."""
        if isinstance(self.discriminator, Featured):
            return self.discriminator.judge(self.fake_features, self.y)
        return self.discriminator(self.fake, self.y)

    @cached_property
    def real_features(self) -> Tensor:
        """The discriminator's features of the real samples, (B, F); raises `BadOption` where it shows none."""
        return self._features(self.x)

    @cached_property
    def fake_features(self) -> Tensor:
        """The discriminator's features of the fake samples, (B, F); raises `BadOption` where it shows none."""
        return self._features(self.fake)

    def _features(self, samples: Tensor) -> Tensor:
        if not isinstance(self.discriminator, Featured):
            name = type(self.discriminator).__name__
            raise BadOption(f"a term wanted the discriminator's features; {name} is no Featured and shows none")
        return self.discriminator.features(samples, self.y)

    def remember(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` made when `key` was first asked for: terms that look at the same thing share it."""
        if key not in self._remembered:
            self._remembered[key] = make()
        return self._remembered[key]  # type: ignore[return-value]

    def looked_at(self) -> Iterator[Duel]:
        """This duel, and the views of it that terms have looked at."""
        yield self
        for made in self._remembered.values():
            # A view that changes nothing is the duel itself.
            if isinstance(made, Duel) and made is not self:
                yield from made.looked_at()

    def against(self, x: Tensor, fake: Tensor) -> Duel:
        """The same duel before other samples."""
        return Duel(self.discriminator, x, fake, self.y, self.step)

    def before(self, discriminator: Discriminator) -> Duel:
        """The same samples before another discriminator."""
        return Duel(discriminator, self.x, self.fake, self.y, self.step)

    def telling(self, **told: Tensor) -> Duel:
        """This duel, which tells more scalars to be logged."""
        self.told |= told
        return self

    @cached_property
    def swapped(self) -> Duel:
        """The duel in which each side is taken for the other."""
        other = self.against(self.fake, self.x)
        other.__dict__ |= {"on_real": self.on_fake, "on_fake": self.on_real}
        return other

    def slope_squared(self, points: Tensor) -> Tensor:
        """Squared norm over all but the batch dimension of the score's gradient at `points` (B, ...): (B,).

        Where places are scored, a sample's score is their mean.

        At least in float32, and differentiable again. Where `points` are this duel's own samples and already track
        gradients, the scores that the other terms use are differentiated instead of being computed once more.
        """
        scores = None
        if not torch.is_autocast_enabled(points.device.type) and points.requires_grad:
            scores = self.on_real if points is self.x else self.on_fake if points is self.fake else None
        if scores is None:
            points = (points.float() if points.dtype.itemsize < 4 else points).detach().requires_grad_()
            with torch.autocast(points.device.type, enabled=False):
                scores = self.discriminator(points, self.y)
        (slope,) = torch.autograd.grad(scores.sum(), points, create_graph=True)
        places = len(scores) // len(points)
        return slope.flatten(1).square().sum(1) / places**2


Term = Callable[[Duel], Tensor]
View = Callable[[Duel], Duel]


def through(view: View, terms: Mapping[str, Term]) -> dict[str, Term]:
    """Terms that look at `view(duel)`, which is made once for each duel."""

    def seen(term: Term) -> Term:
        return lambda duel: term(duel.remember(view, lambda: view(duel)))

    return {name: seen(term) for name, term in terms.items()}


class Control(nn.Module, ABC):
    """A number that terms depend on and that follows the game: a buffer of its own, which a game keeps among its own.

    `seen` by the discriminator in a move are scores (B,) `on_real` and `on_fake`, and samples `x` and `fake`.
    """

    @abstractmethod
    def follow(self, seen: Mapping[str, Tensor]) -> None:
        """Change by what the discriminator saw in its last move, unless that is not finite."""


@dataclass(frozen=True)
class Objective:
    """What the two sides of a duel minimise: each the sum of its named terms.

    The discriminator moves `discriminator_steps` times for each move of the generator; after each of its moves
    `project` is applied to it (weight clipping), and `controls` look at what it saw.
    """

    discriminator: Mapping[str, Term]
    generator: Mapping[str, Term]
    discriminator_steps: int = 1
    project: Callable[[nn.Module], None] | None = None
    controls: tuple[Control, ...] = ()

    def following(self, discriminator: nn.Module) -> Callable[[Loss], None]:
        """What follows each of a discriminator's moves."""

        def after(loss: Loss) -> None:
            if self.project:
                self.project(discriminator)
            for control in self.controls:
                control.follow(loss.seen)

        return after

    def punishing(self, **penalties: Term) -> Objective:
        """This objective with more terms for the discriminator; a name that is taken gets a number behind it."""
        # Penalties come first: the scores that they differentiate are then the ones the other terms read.
        named = {_free(name, self.discriminator): term for name, term in penalties.items()}
        return replace(self, discriminator={**named, **self.discriminator})

    def seeing(self, view: View) -> Objective:
        """This objective with every term looking at `view(duel)`, which is made once for each duel."""
        return replace(self, discriminator=through(view, self.discriminator), generator=through(view, self.generator))


Regularizer = Callable[[Objective], Objective]


def _free(name: str, taken: Mapping[str, Term]) -> str:
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def weighted(weight: Weight, measure: Term) -> Term:
    """The term `weight * measure(duel)`; `measure` is not computed at steps where the weight is zero.

    Where that is because the weight is lazy and not due, the term is `Idle`.
    """
    at = schedule(weight)

    def term(duel: Duel) -> Tensor:
        now = at(duel.step)
        if now:
            return now * measure(duel)
        zero = duel.x.new_zeros(())
        return zero.as_subclass(Idle) if isinstance(at, Lazy) and not at.due(duel.step) else zero

    return term


def norm(squared: Tensor) -> Tensor:
    """The root of squared norms (B,), with gradient 0 instead of NaN at 0."""
    return (squared + 1e-12).sqrt()
