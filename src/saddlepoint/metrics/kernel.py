"""The kernel distance between real and fake features."""

from __future__ import annotations

from math import sqrt

import numpy as np

from saddlepoint.limits import at_least
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array, with_error
from saddlepoint.metrics._inputs import features

# Numbers in a block of kernel values: 32 MiB of float64.
_BLOCK = 2**22


def kernel(real: Array, fake: Array) -> Estimate:
    """The unbiased squared maximum mean discrepancy of features (N, F) and (M, F), from all pairs.

    Paper: Binkowski et al. 2018, Demystifying MMD GANs, section 4; Gretton et al. 2012, A Kernel Two-Sample Test,
    equation 3

    k(x, y) = (x.y / F + 1)^3; about 0 for equal distributions, also below. The error is that of the fakes, to first
    order. It is the KID only if the features are the Inception network's. Raises Unfit for fewer than 2 samples on a
    side, BadData unless they are finite.
    """
    real, fake = features("kernel", 2, real=real, fake=fake)
    among, across = _means(fake, fake, others=True), _means(fake, real)
    value = _means(real, real, others=True).mean() + among.mean() - 2 * across.mean()
    return with_error(value, 2 * float(np.std(among - across, ddof=1)) / sqrt(len(fake)))


def kernel_by_subsets(real: Array, fake: Array, *, subsets: int = 100, size: int = 1000, seed: int = 0) -> Estimate:
    """The same over random subsets of each side, as papers report it: their mean and, as error, their deviation.

    Paper: Binkowski et al. 2018, Demystifying MMD GANs, section 4

    Raises Unfit for fewer than `size` samples on a side, BadData unless they are finite.
    """
    at_least(2, "kernel_by_subsets", size=size)
    at_least(2, "kernel_by_subsets", subsets=subsets)
    real, fake = features("kernel_by_subsets", size, real=real, fake=fake)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(subsets):
        x, y = (side[rng.choice(len(side), size, replace=False)] for side in (real, fake))
        among = _means(x, x, others=True).mean() + _means(y, y, others=True).mean()
        found.append(among - 2 * _means(y, x).mean())
    return with_error(np.mean(found), float(np.std(found, ddof=1)))


def _means(queries: Array, points: Array, *, others: bool = False) -> Array:
    """The mean kernel value (Q,) of each query with all points; with `others` these are they, itself left out."""
    width = points.shape[1]
    right = np.asarray(points, np.float64).T
    found = np.empty(len(queries))
    size = max(1, _BLOCK // max(len(points), width))
    for start in range(0, len(queries), size):
        inner = np.asarray(queries[start : start + size], np.float64) @ right
        inner /= width
        inner += 1
        values = inner * inner
        values *= inner
        if others:
            own = np.arange(len(values))
            values[own, start + own] = 0
        found[start : start + size] = values.sum(axis=1)
    return found / (len(points) - others)
