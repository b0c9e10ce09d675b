"""Labels of real samples and fakes that are drawn from ranges."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from saddlepoint.duel import Duel, Objective, Regularizer, Term
from saddlepoint.errors import BadOption
from saddlepoint.ranges import Number


def soft_labels(
    *, real_low: Number = 0.7, real_high: Number = 1.2, fake_low: Number = 0.0, fake_high: Number = 0.3
) -> Regularizer:
    """Draw the discriminator's targets anew at each move: real U(0.7, 1.2), fake U(0, 0.3).

    Paper: Chintala et al. 2016, How to Train a GAN? (ganhacks), tip 6

    For logits this is the cross-entropy with target t: t loss-as-real + (1 - t) loss-as-fake. Smoothing fakes rewards
    the generator for staying where there is no data, and a target above 1 has no lower bound for sure scores: today
    one smooths real samples alone (`label_smoothing`). The tip is here so that it can be tested. A pairing takes
    the range of real samples.
    """
    if real_low > real_high or fake_low > fake_high:
        raise BadOption(
            f"soft_labels: wanted low <= high, got real {real_low} to {real_high}, fake {fake_low} to {fake_high}"
        )

    def add(objective: Objective) -> Objective:
        terms = objective.discriminator
        if "pairing" in terms:
            pairing = _softened(terms["pairing"], terms["pairing"], real_low, real_high)
            return replace(objective, discriminator={**terms, "pairing": pairing})
        if not {"real", "fake"} <= terms.keys():
            raise BadOption(
                "soft_labels wants an objective with terms 'real' and 'fake', or 'pairing'; "
                f"this one has {', '.join(terms)}"
            )
        real = _softened(terms["real"], terms["fake"], real_low, real_high)
        fake = _softened(terms["real"], terms["fake"], fake_low, fake_high, of_fakes=True)
        return replace(objective, discriminator={**terms, "real": real, "fake": fake})

    return add


def _softened(as_real: Term, as_fake: Term, low: float, high: float, *, of_fakes: bool = False) -> Term:
    def term(duel: Duel) -> Tensor:
        target = low + (high - low) * torch.rand((), device=duel.x.device)
        one, other = (duel.swapped, duel) if of_fakes else (duel, duel.swapped)
        return target * as_real(one) + (1 - target) * as_fake(other)

    return term
