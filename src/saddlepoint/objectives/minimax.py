"""The original game: the generator minimises what the discriminator maximises."""

from __future__ import annotations

from torch.nn.functional import softplus

from saddlepoint.duel import Objective


def minimax() -> Objective:
    """The original zero-sum game; the generator's gradient vanishes when the discriminator is sure.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets, equation 1

    discriminator: mean sp(-r) + mean sp(f); generator: -mean sp(f), on logits r and f, sp(t) = log(1 + e^t).
    """
    return Objective(
        discriminator={
            "real": lambda duel: softplus(-duel.on_real).mean(),
            "fake": lambda duel: softplus(duel.on_fake).mean(),
        },
        generator={"fake": lambda duel: -softplus(duel.on_fake).mean()},
    )
