"""Mode coverage of points around known modes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate

Array = NDArray[np.floating]


class ModeCount(NamedTuple):
    """What `modes` finds.

    `covered` have at least one high-quality sample; `fair` at least a fifth of their share.
    `quality` is the share of samples within three standard deviations of their nearest mode;
    `width` their standard deviation about the mean of those nearest to the same mode, and `offset` how far these
    means are from the modes' own (root mean square, a dimension), both over the true standard deviation; `divergence`
    KL(found || uniform) of the modes' shares, in nats.
    """

    covered: int
    fair: int
    quality: Estimate
    width: float
    offset: float
    divergence: float


def modes(means: Array, std: float, fake_points: Array) -> ModeCount:
    """How well samples (N, D) cover isotropic Gaussian modes at `means` (K, D) of standard deviation `std`.

    Paper: Lin et al. 2018, PacGAN, section 4.1; Srivastava et al. 2017, VEEGAN, section 4.1

    A perfect sampler in two dimensions has quality 1 - exp(-9/2) = 0.98889, and width 0.974; a higher quality means
    shrunken modes. A narrow mode in the wrong place is as wide as it is, and offset.
    """
    means, fake = np.asarray(means, np.float64), np.asarray(fake_points, np.float64)
    nearest = nearest_mode(means, fake)
    good = np.linalg.norm(fake - means[nearest], axis=1) <= 3 * std
    counts = np.bincount(nearest[good], minlength=len(means))
    shares = counts / max(counts.sum(), 1)
    found = shares[shares > 0]
    width, offset = _shape(fake[good] - means[nearest[good]], nearest[good], counts)
    return ModeCount(
        covered=int((counts > 0).sum()),
        fair=int((counts >= len(fake) / len(means) / 5).sum()),
        quality=Estimate.share(good),
        width=width / std,
        offset=offset / std,
        divergence=float((found * np.log(found * len(means))).sum()) if len(found) else float("inf"),
    )


def _shape(gap: Array, mode: NDArray[np.integer], counts: NDArray[np.integer]) -> tuple[float, float]:
    """The width and the offset of samples at gaps (N, D) from their modes (N,), which have so many each (K,)."""
    if not len(gap):
        return float("nan"), float("nan")
    sums = np.zeros((len(counts), gap.shape[1]))
    np.add.at(sums, mode, gap)
    own = sums / counts.clip(1)[:, None]
    free = (counts - 1).clip(0).sum() * gap.shape[1]
    within = np.square(gap - own[mode]).sum() / free if free else float("nan")
    return float(np.sqrt(within)), float(np.sqrt((counts @ np.square(own)).sum() / gap.size))


def nearest_mode(means: Array, x: Array) -> NDArray[np.integer]:
    """The index (N,) of the mode among `means` (K, D) that is nearest to each point x (N, D)."""
    return np.linalg.norm(x[:, None] - means[None], axis=2).argmin(axis=1)


def log_density(means: Array, std: float, x: Array) -> Array:
    """log p(x) in nats (N,) of points x (N, D) under equal isotropic Gaussians at `means` (K, D)."""
    from scipy.special import logsumexp

    squared = ((x[:, None].astype(np.float64) - means[None]) ** 2).sum(axis=2)
    height = x.shape[1] * (np.log(std) + 0.5 * np.log(2 * np.pi)) + np.log(len(means))
    found: Array = logsumexp(-squared / (2 * std**2), axis=1) - height
    return found
