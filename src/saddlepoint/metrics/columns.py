"""Whether each column of a table is distributed as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array, mean_and_worst
from saddlepoint.metrics._inputs import features, flags


class Columns(NamedTuple):
    """Distances in [0, 1], 0 for equal distributions: the mean over columns, and the worst."""

    mean: Estimate
    worst: Estimate


def columns(real_samples: Array, fake_samples: Array, categories: Sequence[bool] = ()) -> Columns:
    """How far each column of a table (M, D) is distributed from that of the real one (N, D).

    Paper: Massey 1951, The Kolmogorov-Smirnov Test for Goodness of Fit; SDMetrics calls 1 minus it column shapes

    The greatest gap of the distribution functions of numbers, half the summed gaps of the shares of `categories` (total
    variation). Both are above 0 for few rows. Raises Unfit for fewer than 2 rows on a side, BadData unless they are
    finite.
    """
    return Columns(*mean_and_worst(_parts(real_samples, fake_samples, categories)))


def each_column(real_samples: Array, fake_samples: Array, categories: Sequence[bool] = ()) -> Array:
    """The distances (D,) that `columns` takes the mean of."""
    return np.array([value for value, _ in _parts(real_samples, fake_samples, categories)])


def _parts(real: Array, fake: Array, categories: Sequence[bool]) -> Iterator[tuple[float, Array]]:
    real, fake = features("columns", 2, real_samples=real, fake_samples=fake)
    which = flags("columns", categories, real.shape[1])
    for flag, x, y in zip(which, real.T, fake.T, strict=True):
        yield (shares if flag else numbers)(x, y)


def numbers(real: Array, fake: Array) -> tuple[float, Array]:
    """The Kolmogorov-Smirnov distance of numbers (N,) and (M,), and each fake's influence on it (M,)."""
    at = np.concatenate([real, fake])
    below_real, below_fake = (np.searchsorted(np.sort(x), at, "right") / len(x) for x in (real, fake))
    gap = below_fake - below_real
    widest = np.abs(gap).argmax()
    return float(abs(gap[widest])), np.sign(gap[widest]) * (fake <= at[widest])


def shares(real: NDArray[Any], fake: NDArray[Any]) -> tuple[float, Array]:
    """The total variation distance of categories (N,) and (M,), and each fake's influence on it (M,)."""
    _, codes = np.unique(np.concatenate([real, fake]), return_inverse=True)
    ours, theirs = codes[: len(real)], codes[len(real) :]
    count = codes.max() + 1
    gap = np.bincount(theirs, minlength=count) / len(theirs) - np.bincount(ours, minlength=count) / len(ours)
    return float(np.abs(gap).sum() / 2), np.sign(gap)[theirs] / 2
