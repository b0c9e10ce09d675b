"""Numbers that change over the steps: constant, ramped, or only at intervals.

Wherever a weight is taken, a number, a function of the step, or a text is: `0.1`, `1 to 0.1 over 5000`,
`2 to 0.2 over 20000 cosine`, `0.1 every 8` (lazy: eight times the weight at every eighth step, else zero).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from saddlepoint.errors import BadOption

Schedule = Callable[[int], float]
Weight = float | str | Schedule

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_TEXT = re.compile(
    rf"(?P<start>{_NUMBER})(?: to (?P<end>{_NUMBER}) over (?P<steps>\d+)(?P<cosine> cosine)?)?"
    r"(?: every (?P<every>\d+))?",
    re.IGNORECASE,
)


def constant(value: float) -> Schedule:
    """`value` at every step."""
    return lambda step: value


def linear(start: float, end: float, steps: int) -> Schedule:
    """From `start` at step 0 in a straight line to `end` at `steps`, and `end` from then on."""
    return lambda step: start + (end - start) * min(step / steps, 1.0)


def cosine(start: float, end: float, steps: int) -> Schedule:
    """From `start` at step 0 along half a cosine to `end` at `steps`, and `end` from then on."""
    return lambda step: end + (start - end) * (1 + math.cos(math.pi * min(step / steps, 1.0))) / 2


@dataclass(frozen=True)
class Lazy:
    """A schedule that is `interval` times `of` at the steps at which it is `due`, and zero between."""

    interval: int
    of: Schedule

    def due(self, step: int) -> bool:
        """Whether `step` is one of every `interval`."""
        return step % self.interval == 0

    def __call__(self, step: int) -> float:
        return self.interval * self.of(step) if self.due(step) else 0.0


def every(interval: int, of: Weight) -> Lazy:
    """`interval` times `of` at every `interval`-th step and zero between: the same weight on average.

    Paper: Karras et al. 2020, Analyzing and Improving the Image Quality of StyleGAN, section 3.1 (lazy regularization)

    >>> [every(3, 0.1)(step) for step in range(4)]
    [0.30000000000000004, 0.0, 0.0, 0.30000000000000004]
    """
    return Lazy(interval, schedule(of))


def times(factor: float, weight: float | str) -> str:
    """The same weight, so many times as large, as a text; raises `BadOption` for a text that cannot be read.

    >>> times(2, "1 to 0.5 over 100 every 8"), times(2, 10.0)
    ('2.0 to 1.0 over 100 every 8', '20.0')
    """
    found = _read(weight)
    ramp = f" to {float(found['end']) * factor} over {found['steps']}{found['cosine'] or ''}" if found["end"] else ""
    lazy = f" every {found['every']}" if found["every"] else ""
    return f"{float(found['start']) * factor}{ramp}{lazy}"


def reach(weight: float | str) -> tuple[float, float]:
    """The start and the end of what a weight is at the steps where it counts; raises `BadOption` like `schedule`.

    >>> reach("1 to 0.1 over 5000 every 8")
    (8.0, 0.8)
    """
    found = _read(weight)
    interval = int(found["every"] or 1)
    return interval * float(found["start"]), interval * float(found["end"] or found["start"])


def schedule(weight: Weight) -> Schedule:
    """The function of the step that `weight` stands for; raises `BadOption` for a text it cannot read.

    >>> schedule("1 to 0 over 10")(5)
    0.5
    """
    if callable(weight):
        return weight
    found = _read(weight)
    ramp = constant(float(found["start"]))
    if found["end"]:
        shape = cosine if found["cosine"] else linear
        ramp = shape(float(found["start"]), float(found["end"]), int(found["steps"]))
    return every(int(found["every"]), ramp) if found["every"] else ramp


def _read(weight: float | str) -> re.Match[str]:
    found = _TEXT.fullmatch(str(weight).strip())
    if found is None or any(found[name] and int(found[name]) == 0 for name in ("steps", "every")):
        raise BadOption(f"wanted a number or 'A to B over STEPS [cosine] [every K]', got {weight!r}")
    return found
