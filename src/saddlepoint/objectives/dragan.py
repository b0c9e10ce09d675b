"""The original game with a slope of one demanded around the data."""

from __future__ import annotations

from saddlepoint.duel import Objective
from saddlepoint.objectives.non_saturating import non_saturating
from saddlepoint.regularizers.gradient_penalty import gradient_penalty
from saddlepoint.schedule import Weight


def dragan(*, weight: Weight = 10.0) -> Objective:
    """The non-saturating game with a slope of one demanded in a neighbourhood of the real samples.

    Paper: Kodali et al. 2017, On Convergence and Stability of GANs, algorithm 1
    """
    return gradient_penalty(weight=weight, points="around")(non_saturating())
