"""Real samples and fakes that now and then change sides."""

from __future__ import annotations

from dataclasses import replace

from saddlepoint.draws import uniform
from saddlepoint.duel import Duel, Objective, Regularizer, through
from saddlepoint.ranges import Minority


def flipped_labels(*, share: Minority = 0.05) -> Regularizer:
    """Show the discriminator a `share` of real samples as fakes, and as many fakes as real ones.

    Paper: Chintala et al. 2016, How to Train a GAN? (ganhacks), tip 6

    Which rows of the batch change sides is drawn anew at each move.
    """

    def view(duel: Duel) -> Duel:
        flipped = uniform(len(duel.x), [1] * (duel.x.dim() - 1), duel.x) < share
        return duel.against(duel.fake.where(flipped, duel.x), duel.x.where(flipped, duel.fake))

    def add(objective: Objective) -> Objective:
        return replace(objective, discriminator=through(view, objective.discriminator))

    return add
