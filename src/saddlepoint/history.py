"""What is known of a run so far: numbers by name, and what a diagnosis of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Series(NamedTuple):
    """A number over the steps (N,); NaN where it was not finite."""

    steps: NDArray[np.int64]
    values: Array

    @property
    def last(self) -> float:
        """The newest value."""
        return float(self.values[-1])

    def held(self, what: Callable[[Array], Flags], patience: int) -> int | None:
        """Since which step `what` has been true of every value up to the newest; None unless of `patience` at least."""
        true = what(self.values)
        if len(true) < patience or not true[-patience:].all():
            return None
        return int(self.steps[len(true) - int(np.argmin(true[::-1])) if not true.all() else 0])


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a run.

    `what` it is in a sentence, `since` which step, the numbers that show it, its likely cause, and what to do;
    `curable` where the same run can do without it, with lower learning rates, stronger penalties or other seeds.
    """

    what: str
    since: int
    evidence: Mapping[str, float]
    cause: str
    advice: str
    curable: bool = True


class History:
    """Series called PREFIX/NAME, in the order of their steps: a player and its number, a metric and its score.

    >>> history = History()
    >>> history.add(10, {"generator/total": 0.5, "generator/gradient": None})
    >>> [prefix for prefix, _ in history.having(["gradient"])]
    ['generator']
    """

    def __init__(self) -> None:
        self._rows: dict[str, _Growing] = {}

    def add(self, step: int, numbers: Mapping[str, float | None]) -> None:
        """Take in what was logged at a step; None stands for a number that was not finite."""
        for name, value in numbers.items():
            self._rows.setdefault(name, _Growing()).append(step, nan if value is None else value)

    def having(self, names: Sequence[str]) -> Iterator[tuple[str, list[Series]]]:
        """Each prefix that has series of all these names, with the series in their order."""
        for prefix in dict.fromkeys(name.rpartition("/")[0] for name in self._rows):
            if all(f"{prefix}/{name}" in self._rows for name in names):
                yield prefix, [self._rows[f"{prefix}/{name}"].series() for name in names]


class _Growing:
    """A series that is appended to without being copied each time."""

    def __init__(self) -> None:
        self._count, self._steps, self._values = 0, np.empty(64, np.int64), np.empty(64)

    def append(self, step: int, value: float) -> None:
        if self._count == len(self._steps):
            self._steps, self._values = (np.concatenate([x, np.empty_like(x)]) for x in (self._steps, self._values))
        self._steps[self._count], self._values[self._count] = step, value
        self._count += 1

    def series(self) -> Series:
        return Series(self._steps[: self._count], self._values[: self._count])
