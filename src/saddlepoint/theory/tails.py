"""Whether samples have the tails of the Gaussian they should have.

A continuous generator of bounded noise has bounded samples, whatever it learns: beyond its farthest sample there is
nothing. How far the farthest one lies depends on the noise that goes in.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from saddlepoint.errors import BadOption

Array = NDArray[np.float64]
DEVIATIONS = (2.0, 3.0, 4.0)


class TailReport(NamedTuple):
    """Samples beside N(mean, std^2).

    `beyond` are the shares farther than 2, 3 and 4 standard deviations from the mean, `truth` the Gaussian's own;
    `farthest` sample in standard deviations; `ks` the largest difference of the distribution functions (0 to 1);
    `w1` the Wasserstein-1 distance, in standard deviations; `quantiles` (N, 2) the Gaussian's beside the samples', in
    standard deviations, for a quantile-quantile plot.
    """

    beyond: tuple[float, ...]
    truth: tuple[float, ...]
    farthest: float
    ks: float
    w1: float
    quantiles: Array


def tail_report(samples: ArrayLike, mean: float = 0.0, std: float = 1.0) -> TailReport:
    """Tails, Kolmogorov-Smirnov and Wasserstein-1 distance of samples (N,) from N(mean, std^2).

    Paper: Wilk & Gnanadesikan 1968, Probability Plotting Methods for the Analysis of Data (the quantiles)

    Quantiles are taken at (i + 1/2) / N; W1 is the mean distance between them, exact as N grows. Raises `BadOption`
    for no samples, samples that are not finite, or a std that is not positive.
    """
    from scipy.stats import kstest, norm

    found = np.sort((np.asarray(samples, np.float64).ravel() - mean) / _positive(std))
    if not len(found) or not np.isfinite(found).all():
        raise BadOption(f"tail_report wanted finite samples, got {len(found)}, some of them not finite or none at all")
    wanted = norm.ppf((np.arange(len(found)) + 0.5) / len(found))
    return TailReport(
        beyond=tuple(float((np.abs(found) > k).mean()) for k in DEVIATIONS),
        truth=tuple(float(2 * norm.sf(k)) for k in DEVIATIONS),
        farthest=float(np.abs(found).max()),
        ks=float(kstest(found, norm.cdf).statistic),
        w1=float(np.abs(found - wanted).mean()),
        quantiles=np.stack([wanted, found], axis=1),
    )


def _positive(std: float) -> float:
    if not std > 0:
        raise BadOption(f"std: wanted a number above 0, got {std}")
    return std
