"""Columns of numbers: finite, and standardised for networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from saddlepoint.source import Column

Numbers = NDArray[np.floating[Any]]


def first_bad(numbers: Numbers) -> tuple[int, ...] | None:
    """The position of the first entry that is not finite in 32 bits, None where all are."""
    with np.errstate(over="ignore"):
        bad = np.argwhere(~np.isfinite(numbers.astype(np.float32)))
    return tuple(bad[0].tolist()) if len(bad) else None


def standard(name: str, numbers: Numbers) -> Column:
    """The column of `numbers` (N,): its mean and standard deviation, which is 1 where all are equal."""
    values = numbers.astype(np.float64)
    if values.min() == values.max():
        return Column(name, mean=float(values[0]))
    return Column(name, mean=float(values.mean()), std=float(values.std()))
