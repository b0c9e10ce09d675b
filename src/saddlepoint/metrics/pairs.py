"""Whether the columns of a table belong together as they should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from saddlepoint.errors import Unfit
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array, mean_and_worst
from saddlepoint.metrics._inputs import features, flags
from saddlepoint.metrics.columns import shares

Codes = NDArray[np.integer]

_BINS = 10


class Pairs(NamedTuple):
    """Distances in [0, 1], 0 for equal distributions: the mean over pairs of columns, and the worst."""

    mean: Estimate
    worst: Estimate


def pairs(real_samples: Array, fake_samples: Array, categories: Sequence[bool] = ()) -> Pairs:
    """How far the pairs of columns of a table (M, D) are related otherwise than those of the real one (N, D).

    Paper: Pearson 1895, Note on regression and inheritance; SDMetrics calls 1 minus it column pair trends

    Half the difference of the correlations of two columns of numbers; for two of `categories` the total variation
    distance of their joint shares; for one of each the same, with the numbers in tenths of the real ones. Total
    variation is well above 0 for few rows, so read it beside real rows judged by real rows. Raises Unfit for fewer than
    2 rows or columns, BadData unless they are finite.
    """
    return Pairs(*mean_and_worst(_parts(real_samples, fake_samples, categories)))


def each_pair(real_samples: Array, fake_samples: Array, categories: Sequence[bool] = ()) -> Array:
    """The distances (D, D) that `pairs` takes the mean of, one for each pair of columns; 0 on the diagonal."""
    values = [value for value, _ in _parts(real_samples, fake_samples, categories)]
    width = np.asarray(real_samples).shape[1]
    each = np.zeros((width, width))
    each[np.triu_indices(width, 1)] = values
    return each + each.T


def _parts(real: Array, fake: Array, categories: Sequence[bool]) -> Iterator[tuple[float, Array]]:
    real, fake = features("pairs", 2, real_samples=real, fake_samples=fake)
    which = flags("pairs", categories, real.shape[1])
    if len(which) < 2:
        raise Unfit("pairs wants a table of at least 2 columns, got 1")
    standard = [_standard(x) for x in (real, fake)]
    codes = [_codes(x, y, flag) for x, y, flag in zip(real.T, fake.T, which, strict=True)]
    for a, b in combinations(range(len(which)), 2):
        if which[a] or which[b]:
            count = 1 + max(side.max() for side in codes[b])
            yield shares(*(one * count + two for one, two in zip(codes[a], codes[b], strict=True)))
        else:
            yield _correlations(*(x[:, column] for x in standard for column in (a, b)))


def _correlations(real1: Array, real2: Array, fake1: Array, fake2: Array) -> tuple[float, Array]:
    """Half the difference of the correlations of columns in units of their deviations, and each fake's influence."""
    products = fake1 * fake2
    ours, theirs = float((real1 * real2).mean()), float(products.mean())
    influence = products - theirs / 2 * (fake1**2 + fake2**2)
    return abs(theirs - ours) / 2, np.sign(theirs - ours) / 2 * influence


def _standard(x: Array) -> Array:
    """Columns of mean 0 and deviation 1, those that are constant of 0: a correlation with them is 0."""
    gap = x - x.mean(axis=0, dtype=np.float64)
    std = gap.std(axis=0)
    return np.divide(gap, std, out=np.zeros_like(gap), where=std > 1e-12 * np.abs(x).max(axis=0))


def _codes(real: Array, fake: Array, categorical: bool) -> tuple[Codes, Codes]:
    """Categories, or tenths of the real numbers, counted from 0."""
    if categorical:
        _, codes = np.unique(np.concatenate([real, fake]), return_inverse=True)
    else:
        edges = np.unique(np.quantile(real, np.arange(1, _BINS) / _BINS))
        codes = np.searchsorted(edges, np.concatenate([real, fake]), side="right")
    return codes[: len(real)], codes[len(real) :]
