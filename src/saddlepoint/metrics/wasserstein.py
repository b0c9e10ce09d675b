"""The cost of moving fake samples onto real ones."""

from __future__ import annotations

import numpy as np

from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array, standard_error, with_error
from saddlepoint.metrics._inputs import features

_MOST = 2000


def wasserstein(real: Array, fake: Array, *, seed: int = 0) -> Estimate:
    """The Wasserstein-1 distance of samples (N, F) and (M, F), the least mean way to move one to the other.

    Paper: Peyre & Cuturi 2019, Computational Optimal Transport, sections 2.2, 2.5 and 2.6

    Exact. In one dimension of all samples; else by assignment of as many as the smaller side has and at most 2,000 of
    each, drawn by `seed`. Equal distributions are not at 0 but at a floor that falls slowly with the number of samples,
    so read it beside real samples judged by as many real samples. The error is that of the fakes, by the potential of
    each. Raises Unfit for fewer than 2 samples on a side, BadData unless they are finite.
    """
    real, fake = features("wasserstein", 2, real=real, fake=fake)
    if real.shape[1] == 1:
        values, potentials = on_lines(real, fake)
        return with_error(values[0], standard_error(potentials[:, 0]))
    rng, count = np.random.default_rng(seed), min(len(real), len(fake), _MOST)
    real, fake = (x if len(x) == count else x[rng.permutation(len(x))[:count]] for x in (real, fake))
    return _by_assignment(real, fake)


def on_lines(real: Array, fake: Array) -> tuple[Array, Array]:
    """The Wasserstein-1 distances (L,) of each column of (N, L) and (M, L), and the fakes' potentials (M, L).

    A potential is the influence of a fake: the derivative of the distance by its weight, up to a constant.
    """
    n, m = len(real), len(fake)
    # Of 1 / (n m): a piece of the mass that no quantile of either side cuts, and whose it is.
    ends = np.unique(np.concatenate([np.arange(1, n + 1) * m, np.arange(1, m + 1) * n]))
    mass, of_real, of_fake = np.diff(ends, prepend=0) / (n * m), (ends - 1) // m, (ends - 1) // n
    order = np.argsort(fake, axis=0, kind="stable")
    y = np.take_along_axis(fake, order, 0).astype(np.float64)
    gap = y[of_fake] - np.sort(real, axis=0)[of_real]
    slope = np.add.reduceat(mass[:, None] * np.sign(gap), np.searchsorted(of_fake, np.arange(m))) * m
    rise = np.diff(y, axis=0) * (slope[1:] + slope[:-1]) / 2
    potentials = np.zeros(y.shape)
    np.put_along_axis(potentials, order[1:], rise.cumsum(axis=0), 0)
    return mass @ np.abs(gap), potentials


def _by_assignment(real: Array, fake: Array) -> Estimate:
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    cost = cdist(np.asarray(real, np.float64), np.asarray(fake, np.float64))
    cost = cost[:, linear_sum_assignment(cost)[1]]
    paid = np.diagonal(cost).copy()
    return with_error(paid.mean(), standard_error(_potentials(cost, paid)))


def _potentials(cost: Array, paid: Array) -> Array:
    """Of the columns of an optimally paired cost (N, N), by shortest paths.

    They solve the dual problem: v_j <= v_i + cost_ij - paid_i with equality along the pairs. Optimal pairs leave no
    cycle of negative length, so that Bellman and Ford's rounds end after at most N.
    """
    length = cost - paid[:, None]
    found = np.zeros(len(cost))
    for _ in range(len(cost)):
        shorter = (found[:, None] + length).min(axis=0)
        if (shorter >= found - 1e-9 * paid.mean()).all():
            break
        np.minimum(found, shorter, out=found)
    return found
