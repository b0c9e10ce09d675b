"""The game that is played in practice: the generator maximises the chance of being taken for real."""

from __future__ import annotations

from dataclasses import replace

from torch.nn.functional import softplus

from saddlepoint.duel import Objective
from saddlepoint.objectives.minimax import minimax


def non_saturating() -> Objective:
    """The original discriminator against a generator whose gradient does not vanish.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets, section 3

    discriminator: as `minimax`; generator: mean sp(-f).
    """
    return replace(minimax(), generator={"fake": lambda duel: softplus(-duel.on_fake).mean()})
