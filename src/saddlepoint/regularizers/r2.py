"""The zero-centred penalty at fake samples."""

from __future__ import annotations

from saddlepoint.duel import Objective, Regularizer, weighted
from saddlepoint.schedule import Weight


def r2(*, weight: Weight = 1.0) -> Regularizer:
    """Penalise the discriminator's slope at fake samples: weight/2 mean |grad D(G(z))|^2.

    Paper: Mescheder, Geiger & Nowozin 2018, Which Training Methods for GANs do actually Converge?, equation 10
    """

    def add(objective: Objective) -> Objective:
        return objective.punishing(r2=weighted(weight, lambda duel: duel.slope_squared(duel.fake).mean() / 2))

    return add
