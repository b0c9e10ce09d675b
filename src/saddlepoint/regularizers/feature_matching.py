"""A generator that matches the discriminator's mean features."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from saddlepoint.duel import Duel, Objective, Regularizer, weighted
from saddlepoint.schedule import Weight


def feature_matching(*, weight: Weight = 1.0) -> Regularizer:
    """Make the generator match the data's mean features: weight |mean f(x) - mean f(G(z))|^2.

    Paper: Salimans et al. 2016, Improved Techniques for Training GANs, section 3.1

    f are the discriminator's last features. The term is added to the generator's own; the paper has it alone.
    """

    def measure(duel: Duel) -> Tensor:
        # The discriminator stands still in the generator's move: its features of real samples are a target.
        return (duel.real_features.detach().mean(0) - duel.fake_features.mean(0)).square().sum()

    def add(objective: Objective) -> Objective:
        return replace(objective, generator={**objective.generator, "features": weighted(weight, measure)})

    return add
