"""What is known of a run so far: numbers by name, and what a diagnosis of them is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Series(NamedTuple):
    """A number over the steps (N,); NaN where it was not finite."""

    steps: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a run.

    `what` it is in a sentence, `since` which step, the numbers that show it, its likely cause, and what to do.
    """

    what: str
    since: int
    evidence: Mapping[str, float]
    cause: str
    advice: str


class History:
    """Series called PREFIX/NAME, in the order of their steps: a player and its number, a metric and its score.

    >>> history = History()
    >>> history.add(10, {"generator/total": 0.5, "generator/gradient": None})
    >>> [prefix for prefix, _ in history.having(["gradient"])]
    ['generator']
    """

    def __init__(self) -> None:
        self._rows: dict[str, tuple[list[int], list[float]]] = {}

    def add(self, step: int, numbers: Mapping[str, float | None]) -> None:
        """Take in what was logged at a step; None stands for a number that was not finite."""
        for name, value in numbers.items():
            steps, values = self._rows.setdefault(name, ([], []))
            steps.append(step)
            values.append(nan if value is None else value)

    def having(self, names: Sequence[str]) -> Iterator[tuple[str, list[Series]]]:
        """Each prefix that has series of all these names, with the series in their order."""
        for prefix in dict.fromkeys(name.rpartition("/")[0] for name in self._rows):
            if all(f"{prefix}/{name}" in self._rows for name in names):
                yield prefix, [self._series(f"{prefix}/{name}") for name in names]

    def _series(self, name: str) -> Series:
        steps, values = self._rows[name]
        return Series(np.array(steps, np.int64), np.array(values, np.float64))
