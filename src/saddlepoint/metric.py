"""What a metric returns: a number that knows how far finitely many samples may put it off."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


class FewSamples(UserWarning):
    """A metric that can be computed from so few samples, but is not what it would be from many."""


class Estimate(float):
    """A number with the ends `low` and `high` of its 95 % interval; both are None where none can be told.

    >>> f"{Estimate(0.5, 0.4, 0.6):.2f}", Estimate(0.5, 0.4, 0.6) < 0.55
    ('0.50', True)
    """

    _error: Callable[[], float | None] | None
    _ends: tuple[float | None, float | None]

    def __new__(cls, value: float, low: float | None = None, high: float | None = None) -> Estimate:
        made = super().__new__(cls, value)
        made._error = None
        made._ends = None if low is None else float(low), None if high is None else float(high)
        return made

    @property
    def low(self) -> float | None:
        return self._interval()[0]

    @property
    def high(self) -> float | None:
        return self._interval()[1]

    def _interval(self) -> tuple[float | None, float | None]:
        if self._error is not None:
            error, self._error = self._error(), None
            if error is not None:
                self._ends = float(self) - _Z * error, float(self) + _Z * error
        return self._ends

    def __reduce__(self) -> tuple[type[Estimate], tuple[float, float | None, float | None]]:
        return type(self), (float(self), *self._interval())

    def __repr__(self) -> str:
        return f"{float(self)!r} [{self.low!r}, {self.high!r}]"

    @classmethod
    def of(cls, value: float) -> Estimate:
        """A number as an estimate: itself, where it is one."""
        return value if isinstance(value, Estimate) else cls(value)

    @classmethod
    def give_or_take(cls, value: float, error: float) -> Estimate:
        """A value with a standard error, taken as normal."""
        return cls(value, value - _Z * error, value + _Z * error)

    @classmethod
    def give_or_ask(cls, value: float, error: Callable[[], float | None]) -> Estimate:
        """The same where the error takes long to find: it is asked for once, when an end is first read."""
        made = cls(value)
        made._error = error
        return made

    @classmethod
    def mean(cls, values: NDArray[Any]) -> Estimate:
        """The mean of one value a sample (N,); no interval for fewer than two."""
        values = np.asarray(values, np.float64)
        if len(values) < 2:
            return cls(values.mean())
        return cls.give_or_take(values.mean(), values.std(ddof=1) / np.sqrt(len(values)))

    @classmethod
    def share(cls, flags: NDArray[np.bool_], *, others: float = math.inf) -> Estimate:
        """The share of flags (N,) that are set, where each may depend on the same `others`, so many further samples.

        Paper: Wilson 1927, Probable Inference, the Law of Succession, and Statistical Inference (the interval)

        With `others` as if there were N others / (N + others) flags: within a third of what repeated sampling shows for
        recall and coverage, where N flags say as little as half.

        >>> share = Estimate.share(np.array([True, True, True, True]))
        >>> f"{share:.1f}, at least {share.low:.2f}"
        '1.0, at least 0.51'
        """
        share, weight = float(np.mean(flags)), _Z**2 * (1 / len(flags) + 1 / others)
        middle = (share + weight / 2) / (1 + weight)
        half = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
        return cls(share, max(0.0, middle - half), min(1.0, middle + half))


_Z = 1.959964
