"""What metrics ask of the arrays they are given."""

from __future__ import annotations

import numpy as np

from saddlepoint.errors import BadData, Unfit
from saddlepoint.metrics._estimate import Array


def features(metric: str, least: int, **sides: Array) -> tuple[Array, ...]:
    """Arrays (N, F) as they came, or the reason why `metric` cannot take them.

    Raises Unfit for fewer than `least` rows, BadData unless all are finite and have the same number of columns.
    """
    found = {side: np.asarray(x) for side, x in sides.items()}
    for side, x in found.items():
        if x.dtype.kind not in "fiub":
            raise BadData(f"{metric} wants numbers, got {side} of type {x.dtype}; convert it to floats")
        if x.ndim != 2 or not x.shape[1]:
            raise BadData(f"{metric} wants one row of features a sample, got {side} of shape {x.shape}; reshape it")
    if len({x.shape[1] for x in found.values()}) > 1:
        got = ", ".join(f"{x.shape[1]} in {side}" for side, x in found.items())
        raise BadData(f"{metric} wants the same features on each side, got {got}; compute them in the same way")
    enough(metric, least, **{side: len(x) for side, x in found.items()})
    for side, x in found.items():
        finite(metric, side, x)
    return tuple(found.values())


def distributions(metric: str, least: int, **side: Array) -> Array:
    """Rows of probabilities (N, C) of one side, in 64 bits; raises like `features`, and BadData for other rows."""
    (p,) = features(metric, least, **side)
    p = np.asarray(p, np.float64)
    wrong = np.flatnonzero((p < 0).any(axis=1) | (abs(p.sum(axis=1) - 1) > 1e-3))
    if len(wrong):
        row = wrong[0]
        raise BadData(
            f"{metric} wants rows of probabilities that sum to 1, got a sum of {p[row].sum():.4g} with a least "
            f"of {p[row].min():.4g} in row {row}; apply a softmax"
        )
    return p


def enough(metric: str, least: int, **counts: int) -> None:
    """Raises Unfit when a side has fewer than `least` samples."""
    if min(counts.values()) < least:
        side = min(counts, key=lambda side: counts[side])
        where = "on each side" if len(counts) > 1 else f"in {side}"
        got = f"{counts[side]} {side}" if len(counts) > 1 else str(counts[side])
        raise Unfit(f"{metric} wants at least {least} samples {where}, got {got}; take more")


def finite(metric: str, side: str, x: Array) -> None:
    """Raises BadData when a sample of `x` (N, ...) has a NaN or an infinity."""
    good = np.isfinite(x).reshape(len(x), -1).all(axis=1)
    if not good.all():
        bad = np.flatnonzero(~good)
        raise BadData(
            f"{metric} wants finite numbers, got NaN or infinity in {len(bad)} of {len(x)} samples of {side}, "
            f"the first at {bad[0]}; mend or drop them"
        )


def flags(metric: str, categories: object, columns: int) -> list[bool]:
    """Which of a table's columns are categories; none for an empty sequence.

    Raises BadData unless there is one flag a column.
    """
    found = np.asarray(categories)
    if found.size == 0:
        return [False] * columns
    if found.shape != (columns,) or found.dtype.kind != "b":
        raise BadData(
            f"{metric} wants a true or false for each of {columns} columns as categories, "
            f"got {found.dtype} of shape {found.shape}; mark the columns that are categories with True"
        )
    return [bool(flag) for flag in found]
