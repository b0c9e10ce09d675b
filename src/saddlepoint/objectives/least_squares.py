"""Scores as regression targets."""

from __future__ import annotations

from saddlepoint.duel import Objective
from saddlepoint.ranges import Number


def least_squares(*, real: Number = 1.0, fake: Number = 0.0, target: Number = 1.0) -> Objective:
    """Scores regressed on two targets instead of classified.

    Paper: Mao et al. 2017, Least Squares Generative Adversarial Networks, equation 2

    discriminator: mean (r - real)^2 / 2 + mean (f - fake)^2 / 2; generator: mean (f - target)^2 / 2.
    `real=1, fake=-1, target=0` minimises the Pearson chi-squared divergence (equation 8).
    """
    return Objective(
        discriminator={
            "real": lambda duel: (duel.on_real - real).square().mean() / 2,
            "fake": lambda duel: (duel.on_fake - fake).square().mean() / 2,
        },
        generator={"fake": lambda duel: (duel.on_fake - target).square().mean() / 2},
    )
