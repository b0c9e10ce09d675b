"""The zero-centred penalty at real samples."""

from __future__ import annotations

from saddlepoint.duel import Objective, Regularizer, weighted
from saddlepoint.schedule import Weight


def r1(*, weight: Weight = 1.0) -> Regularizer:
    """Penalise the discriminator's slope at real samples: weight/2 mean |grad D(x)|^2.

    Paper: Mescheder, Geiger & Nowozin 2018, Which Training Methods for GANs do actually Converge?, equation 9
    """

    def add(objective: Objective) -> Objective:
        return objective.punishing(r1=weighted(weight, lambda duel: duel.slope_squared(duel.x).mean() / 2))

    return add
