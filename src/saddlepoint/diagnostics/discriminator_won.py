"""A discriminator that tells everything apart while the generator learns nothing from it."""

from __future__ import annotations

import numpy as np

from saddlepoint.history import Finding, Series


def discriminator_won(
    told_apart: Series, score: Series, *, least: float = 0.99, better: float = 0.95, patience: int = 4
) -> Finding | None:
    """Real scored above fake in `least` of all pairs, `patience` looks in a row, and no score `better` times the best.

    Paper: Arjovsky & Bottou 2017, Towards Principled Methods for Training Generative Adversarial Networks, section 2
    """
    since = told_apart.held(lambda values: values >= least, patience)
    before, lately = score.values[:-patience], score.values[-patience:]
    if (
        since is None
        or not len(before)
        or np.nanmin(lately, initial=np.inf) < better * np.nanmin(before, initial=np.inf)
    ):
        return None
    return Finding(
        f"the discriminator tells {told_apart.last:.1%} of all pairs apart, and the samples get no better",
        since,
        {"told_apart": told_apart.last, "score": score.last},
        "where real and fake can be told apart without fail, the generator is told little about which way to go",
        "lower the discriminator's learning rate (--optimizer.discriminator.lr), add a gradient penalty "
        "(--regularizer r1,r2), or take an objective that does not saturate (wgan_gp, r3gan)",
    )
