"""What maximum likelihood minimises: NLL(model) = H(p) + KL(p || model), so the excess over the entropy is the KL.

A Gaussian's density has the exponent -(x - mean)^2 / (2 std^2). Without the 2 the best mean would be the same, and
every value of the likelihood, and the best std, would not.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from saddlepoint.errors import BadOption
from saddlepoint.theory.divergences import cross_entropy, entropy

Array = NDArray[np.float64]


class Gaussian(NamedTuple):
    """N(mean, std^2) on a line."""

    mean: float
    std: float


def nll(p: ArrayLike, model: ArrayLike) -> float:
    """The expected negative log-likelihood of a discrete `model` on data from p, in nats: their cross-entropy."""
    return cross_entropy(p, model)


def excess_nll(p: ArrayLike, model: ArrayLike) -> float:
    """NLL(model) - H(p): how much worse than the best the model is, which is KL(p || model)."""
    return nll(p, model) - entropy(p)


def gaussian_log_density(x: ArrayLike, of: Gaussian) -> Array:
    """log N(x; mean, std^2) = -(x - mean)^2 / (2 std^2) - log std - log(2 pi) / 2, in nats."""
    z = (np.asarray(x, np.float64) - of.mean) / of.std
    return np.asarray(-(z**2) / 2 - math.log(of.std) - math.log(2 * math.pi) / 2)


def gaussian_nll(p: Gaussian, model: Gaussian) -> float:
    """The expected negative log-likelihood of a Gaussian model on data from a Gaussian p, in nats."""
    squares = p.std**2 + (p.mean - model.mean) ** 2
    return squares / (2 * model.std**2) + math.log(model.std) + math.log(2 * math.pi) / 2


def gaussian_entropy(p: Gaussian) -> float:
    """H(p) = log(2 pi e std^2) / 2 in nats; below 0 for a narrow one."""
    return math.log(2 * math.pi * math.e * p.std**2) / 2


def gaussian_kl(
    mean: ArrayLike, variance: ArrayLike, model_mean: ArrayLike = 0.0, model_variance: ArrayLike = 1.0
) -> float:
    """KL of Gaussians with independent dimensions, N(mean, variance) from the model, by default N(0, I), in nats.

    Paper: Kingma & Welling 2014, Auto-Encoding Variational Bayes, appendix B

    sum over dimensions of (v/w + (m - n)^2 / w - 1 - log(v/w)) / 2.

    >>> round(gaussian_kl([1.0, -0.5], [1.0, 0.25]), 6)
    0.943147
    """
    m, v = np.asarray(mean, np.float64), np.asarray(variance, np.float64)
    n, w = np.asarray(model_mean, np.float64), np.asarray(model_variance, np.float64)
    return float(((v + (m - n) ** 2) / w - 1 - np.log(v / w)).sum() / 2)


def maximum_likelihood(samples: ArrayLike) -> Gaussian:
    """The Gaussian of the highest likelihood, in closed form: the samples' mean, and their std divided by N."""
    x = np.asarray(samples, np.float64)
    return Gaussian(float(x.mean()), float(x.std()))


def descended_likelihood(samples: ArrayLike, *, steps: int = 500, lr: float = 0.1) -> Gaussian:
    """The Gaussian that gradient descent on the mean NLL of samples (N,) finds, from N(0, 1), over mean and log std."""
    x = torch.tensor(np.asarray(samples), dtype=torch.float64)
    mean, log_std = (torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in range(2))
    descent = torch.optim.Adam([mean, log_std], lr=lr)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(descent, steps)
    for _ in range(steps):
        descent.zero_grad()
        (((x - mean) / log_std.exp()).square().mean() / 2 + log_std).backward()
        descent.step()
        falling.step()
    return Gaussian(mean.item(), log_std.exp().item())


def bits_per_dimension(nats: float, dimensions: int, *, levels: int = 1) -> float:
    """Nats of a whole sample as bits a dimension, nats / (dimensions log 2) + log2 levels.

    `levels` is 256 for the density of 8-bit values scaled to [0, 1]: the bits are then those of the values themselves.
    Raises `BadOption` for fewer than one dimension or level.

    >>> bits_per_dimension(0.0, 3072, levels=256)
    8.0
    """
    if dimensions < 1 or levels < 1:
        raise BadOption(f"wanted at least one dimension and level, got {dimensions} and {levels}")
    return nats / (dimensions * math.log(2)) + math.log2(levels)
