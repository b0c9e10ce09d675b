"""Noise on everything the discriminator sees."""

from __future__ import annotations

from torch import Tensor

from saddlepoint.draws import normal
from saddlepoint.duel import Duel, Regularizer
from saddlepoint.schedule import Weight, schedule


def instance_noise(*, std: Weight = 0.1) -> Regularizer:
    """Gaussian noise added to real and fake samples alike before the discriminator sees them.

    Paper: Sonderby et al. 2017, Amortised MAP Inference for Image Super-resolution, section 3.2.2

    `std` is in units of what networks see (images span [-1, 1]) and usually falls: '0.1 to 0 over 5000'.
    """
    at = schedule(std)

    def noisy(samples: Tensor, level: float) -> Tensor:
        return samples + level * normal(len(samples), samples.shape[1:], samples)

    def view(duel: Duel) -> Duel:
        level = at(duel.step)
        return duel.against(noisy(duel.x, level), noisy(duel.fake, level)) if level else duel

    return lambda objective: objective.seeing(view)
