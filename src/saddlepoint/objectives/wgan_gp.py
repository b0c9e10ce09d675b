"""The Wasserstein game, its critic kept Lipschitz by a penalty on its slope between real and fake."""

from __future__ import annotations

from saddlepoint.duel import Objective
from saddlepoint.objectives.wgan import wgan
from saddlepoint.ranges import Moves
from saddlepoint.regularizers.gradient_penalty import gradient_penalty
from saddlepoint.schedule import Weight


def wgan_gp(*, weight: Weight = 10.0, one_sided: bool = False, critic_steps: Moves = 5) -> Objective:
    """The Wasserstein critic with a slope of one demanded on lines between real and fake samples.

    Paper: Gulrajani et al. 2017, Improved Training of Wasserstein GANs, equation 3

    Adds weight * mean (|grad D(x^)| - 1)^2 with one mixing coefficient a sample; `one_sided` forgives slopes below
    one. The paper takes 10 for images and its code 0.1 for points in the plane.
    """
    return gradient_penalty(weight=weight, points="between", one_sided=one_sided)(
        wgan(clip=None, critic_steps=critic_steps)
    )
