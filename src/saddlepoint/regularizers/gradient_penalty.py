"""The penalty that pulls the discriminator's slope towards a target at a chosen set of points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import Tensor

from saddlepoint.draws import uniform
from saddlepoint.duel import Duel, Objective, Regularizer, norm, weighted
from saddlepoint.ranges import Amount
from saddlepoint.schedule import Weight


def gradient_penalty(
    *,
    weight: Weight = 10.0,
    points: Literal["between", "around", "real", "fake"] = "between",
    target: Amount = 1.0,
    one_sided: bool = False,
) -> Regularizer:
    """Pull the discriminator's slope to a target: weight mean (|grad D(x^)| - target)^2.

    Paper: Gulrajani et al. 2017, equation 3 (between); Kodali et al. 2017, algorithm 1 (around)

    `points` x^ lie on lines between real and fake samples, around the real ones, or at either. The norm is each
    sample's own, over all its dimensions. `one_sided` forgives slopes below the target.
    """
    place = _PLACES[points]

    def measure(duel: Duel) -> Tensor:
        excess = norm(duel.slope_squared(place(duel))) - target
        return (excess.relu() if one_sided else excess).square().mean()

    def add(objective: Objective) -> Objective:
        return objective.punishing(penalty=weighted(weight, measure))

    return add


def _between(duel: Duel) -> Tensor:
    mix = _mixing(duel)
    return (mix * duel.x + (1 - mix) * duel.fake).detach()


def _around(duel: Duel) -> Tensor:
    """x + a (x' - x) with x' = x + std(batch)/2 U[0, 1): one-sided noise, as in the authors' code."""
    x = duel.x.detach()
    return x + _mixing(duel) * 0.5 * x.std() * uniform(len(x), x.shape[1:], x)


def _mixing(duel: Duel) -> Tensor:
    return uniform(len(duel.x), [1] * (duel.x.dim() - 1), duel.x)


_PLACES: dict[str, Callable[[Duel], Tensor]] = {
    "between": _between,
    "around": _around,
    "real": lambda duel: duel.x,
    "fake": lambda duel: duel.fake,
}
