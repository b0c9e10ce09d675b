"""Estimates from what each sample adds to them.

The real samples are taken as they are unless a metric says otherwise: an interval tells of other fakes, as many, since
models judged by the same real samples share what is due to these. No interval tells of bias: many metrics are above
their true value with few samples, so they are read beside real samples in the place of fakes, as many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate

Array = NDArray[np.floating[Any]]


def with_error(value: float | np.floating[Any], error: float | None) -> Estimate:
    """A value with its standard error; without an interval where there is none."""
    return Estimate(float(value)) if error is None else Estimate.give_or_take(float(value), error)


def standard_error(values: Array) -> float | None:
    """Of the mean of independent values (N,); None for a single one."""
    return float(np.std(values, ddof=1, dtype=np.float64)) / sqrt(len(values)) if len(values) > 1 else None


def bootstrapped(statistic: Callable[..., float], *samples: Array, rounds: int = 200) -> Estimate:
    """A statistic of samples (N, ...), with its deviation when each of them is drawn anew from itself.

    Paper: Efron 1979, Bootstrap Methods: Another Look at the Jackknife, section 2
    """
    rng = np.random.default_rng(0)
    again = [statistic(*(x[rng.integers(len(x), size=len(x))] for x in samples)) for _ in range(rounds)]
    return with_error(statistic(*samples), float(np.std(again, ddof=1)))


def mean_and_worst(parts: Iterable[tuple[float, Array]]) -> tuple[Estimate, Estimate]:
    """Of several values their mean and the greatest one.

    Each comes with its influence (M,): how much the value of all fakes moves with the weight of each one.
    """
    values: list[float] = []
    total: Array | float = 0.0
    worst: tuple[float, float | None] = (-np.inf, None)
    for value, influence in parts:
        values.append(value)
        total = total + influence
        if value > worst[0]:
            worst = value, standard_error(influence)
    return with_error(np.mean(values), standard_error(np.asarray(total) / len(values))), with_error(*worst)
