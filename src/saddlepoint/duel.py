"""A duel is one discriminator before real and fake samples; an objective is two sums of terms over it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import torch
from torch import Tensor, nn

from saddlepoint.schedule import Weight, schedule

Discriminator = Callable[[Tensor, Tensor | None], Tensor]
Made = TypeVar("Made")


class Duel:
    """Real `x` and `fake` samples (B, ...) of conditions `y` (B,) before a discriminator `(x, y) -> (B,)`.

    Scores are raw outputs (logits), computed when first asked for. `step` is the index that schedules read.
    """

    def __init__(
        self, discriminator: Discriminator, x: Tensor, fake: Tensor, y: Tensor | None = None, step: int = 0
    ) -> None:
        self.discriminator, self.x, self.fake, self.y, self.step = discriminator, x, fake, y, step
        self._remembered: dict[Hashable, object] = {}

    @cached_property
    def on_real(self) -> Tensor:
        """Scores of the real samples, (B,)."""
        return self.discriminator(self.x, self.y)

    @cached_property
    def on_fake(self) -> Tensor:
        """Scores of the fake samples, (B,)."""
        return self.discriminator(self.fake, self.y)

    def remember(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` made when `key` was first asked for: terms that look at the same thing share it."""
        if key not in self._remembered:
            self._remembered[key] = make()
        return self._remembered[key]  # type: ignore[return-value]

    def against(self, x: Tensor, fake: Tensor) -> Duel:
        """The same duel before other samples."""
        return Duel(self.discriminator, x, fake, self.y, self.step)

    @cached_property
    def swapped(self) -> Duel:
        """The duel in which each side is taken for the other."""
        other = self.against(self.fake, self.x)
        other.__dict__ |= {"on_real": self.on_fake, "on_fake": self.on_real}
        return other

    def slope_squared(self, points: Tensor) -> Tensor:
        """Squared norm over all but the batch dimension of the score's gradient at `points` (B, ...): (B,).

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
        return slope.flatten(1).square().sum(1)


Term = Callable[[Duel], Tensor]


@dataclass(frozen=True)
class Objective:
    """What the two sides of a duel minimise: each the sum of its named terms.

    The discriminator moves `discriminator_steps` times for each move of the generator; `project` is applied to it
    after each of its moves (weight clipping).
    """

    discriminator: Mapping[str, Term]
    generator: Mapping[str, Term]
    discriminator_steps: int = 1
    project: Callable[[nn.Module], None] | None = None

    def punishing(self, **penalties: Term) -> Objective:
        """This objective with more terms for the discriminator; a name that is taken gets a number behind it."""
        # Penalties come first: the scores that they differentiate are then the ones the other terms read.
        named = {_free(name, self.discriminator): term for name, term in penalties.items()}
        return replace(self, discriminator={**named, **self.discriminator})

    def seeing(self, view: Callable[[Duel], Duel]) -> Objective:
        """This objective with every term looking at `view(duel)`, which is made once for each duel."""

        def through(term: Term) -> Term:
            return lambda duel: term(duel.remember(view, lambda: view(duel)))

        return replace(
            self,
            discriminator={name: through(term) for name, term in self.discriminator.items()},
            generator={name: through(term) for name, term in self.generator.items()},
        )


Regularizer = Callable[[Objective], Objective]


def _free(name: str, taken: Mapping[str, Term]) -> str:
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def weighted(weight: Weight, measure: Term) -> Term:
    """The term `weight * measure(duel)`; `measure` is not computed at steps where the weight is zero."""
    at = schedule(weight)

    def term(duel: Duel) -> Tensor:
        now = at(duel.step)
        return now * measure(duel) if now else duel.x.new_zeros(())

    return term


def norm(squared: Tensor) -> Tensor:
    """The root of squared norms (B,), with gradient 0 instead of NaN at 0."""
    return (squared + 1e-12).sqrt()
