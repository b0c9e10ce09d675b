"""The discriminator that no other beats, and what it makes of the game.

Densities or probabilities `p` of the data and `q` of the generator are arrays over the same points. A score is a
logit; real is 1 throughout, and `inverted` is the same game with real = 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from saddlepoint.duel import Duel, Objective
from saddlepoint.errors import BadOption
from saddlepoint.theory.divergences import js, probabilities

Array = NDArray[np.float64]


def optimal(p: ArrayLike, q: ArrayLike, real_share: float = 0.5) -> Array:
    """The chance that a sample is real, share p / (share p + (1 - share) q); NaN where neither has mass.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets, proposition 1

    `real_share`, in (0, 1), is how many of the samples shown are real. Raises `BadOption` outside.
    """
    share = _share(real_share)
    real, fake = share * np.asarray(p, np.float64), (1 - share) * np.asarray(q, np.float64)
    total = real + fake
    return np.divide(real, total, out=np.full_like(total, np.nan), where=total > 0)


def optimal_logit(p: ArrayLike, q: ArrayLike, real_share: float = 0.5) -> Array:
    """The score of `optimal`, log p - log q + log(share / (1 - share)); infinite where one has no mass."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logit: Array = np.log(np.asarray(p, np.float64)) - np.log(np.asarray(q, np.float64))
    return logit + math.log(_share(real_share) / (1 - real_share))


def gaussian_logit(x: ArrayLike, mean: float = 0.0, std: float = 1.0, *, real_share: float = 0.5) -> Array:
    """The optimal score at `x` between real N(0, 1) and fake N(mean, std^2), where densities would underflow.

    -mean x + mean^2 / 2 for std 1; in general ((x - mean)^2 / std^2 - x^2) / 2 + log std.
    """
    x = np.asarray(x, np.float64)
    prior = math.log(_share(real_share) / (1 - real_share))
    return np.asarray((((x - mean) / std) ** 2 - x**2) / 2 + math.log(std) + prior)


def value(d: ArrayLike, p: ArrayLike, q: ArrayLike) -> float:
    """V(d) = E_p log d + E_q log(1 - d) of a discriminator's probabilities d, with 0 log 0 = 0.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets, equation 1
    """
    p, q, d = probabilities(p), probabilities(q), np.asarray(d, np.float64)
    with np.errstate(divide="ignore"):
        return float((p[p > 0] * np.log(d[p > 0])).sum() + (q[q > 0] * np.log(1 - d[q > 0])).sum())


def value_at_optimum(p: ArrayLike, q: ArrayLike) -> float:
    """V(D*) = 2 JS(p, q) - log 4: what the generator would minimise, were the discriminator always at its best.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets, equation 6
    """
    return 2 * js(p, q) - math.log(4)


def half_loss_at_optimum(p: ArrayLike, q: ArrayLike) -> float:
    """The discriminator's cross-entropy at its optimum, log 2 - JS(p, q): half of -V(D*), as a mean over both halves.

    Paper: Goodfellow 2016, NIPS 2016 Tutorial: Generative Adversarial Networks, section 3.2.1
    """
    return math.log(2) - js(p, q)


def bayes_error(p: ArrayLike, q: ArrayLike, real_share: float = 0.5) -> float:
    """The share of samples that even the optimal discriminator takes for the wrong side."""
    share = _share(real_share)
    return float(np.minimum(share * probabilities(p), (1 - share) * probabilities(q)).sum())


def inverted(objective: Objective) -> Objective:
    """The same game with labels real = 0 and fake = 1: scores are logits of being fake, and the optimum q / (p + q)."""

    def view(duel: Duel) -> Duel:
        def negated(x: Tensor, y: Tensor | None) -> Tensor:
            return -duel.discriminator(x, y)

        return duel.before(negated)

    return objective.seeing(view)


def _share(real_share: float) -> float:
    if not 0 < real_share < 1:
        raise BadOption(f"real_share: wanted a share between 0 and 1, got {real_share}")
    return real_share
