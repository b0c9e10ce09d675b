"""What every metric keeps."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from saddlepoint import metrics
from saddlepoint.errors import SaddlepointError, unknown
from saddlepoint.laws.law import Law, demand
from saddlepoint.metric import Estimate, FewSamples

Array = NDArray[Any]
_COUNT, _FEATURES, _CLASSES = 120, 5, 3


@cache
def evidence() -> Mapping[str, Any]:
    """Small evidence by each name that a metric's parameter may have."""
    random = np.random.default_rng(0)

    def features(shift: float = 0.0) -> Array:
        return (random.normal(size=(_COUNT, _FEATURES)) + shift).astype(np.float32)

    def labels() -> Array:
        return random.integers(_CLASSES, size=_COUNT)

    def table() -> Array:
        return np.column_stack([random.normal(size=(_COUNT, 2)), labels(), labels()])

    def images(side: int) -> Array:
        return random.random((_COUNT // 3, 1, side, side), dtype=np.float32)

    weights = random.random((_COUNT, _CLASSES)) + 0.1
    names = ("asked", "read", "held_out_labels", "learned", "scored_labels", "classified", "code", "group")
    return {
        **{name: labels() for name in names},
        **{name: features() for name in ("real", "training", "held_out")},
        **{name: features(0.3) for name in ("fake", "suspects")},
        **{name: images(24) for name in ("given", "truth", "answer")},
        "fake_probabilities": weights / weights.sum(axis=1, keepdims=True),
        "real_samples": table(),
        "fake_samples": table(),
        "categories": (False, False, True, True),
        "fake_images": images(32),
        "size": 32 * 32,
        "means": random.normal(size=(4, 2)),
        "std": 0.5,
        "fake_points": random.normal(size=(_COUNT, 2)),
        "scores": random.normal(size=_COUNT),
        "channel_read": random.integers(_CLASSES, size=(_COUNT, 2)),
        "channel_shares": np.full(_CLASSES, 1 / _CLASSES),
    }


@dataclass(frozen=True, eq=False)
class Asked:
    """A metric called `name`, and the evidence that it asks for by its parameters; None for what there is not."""

    on: str
    name: str
    parts: Mapping[str, Any] = field(default_factory=dict)

    def measure(self, change: Callable[[Any], Any] = lambda part: part, of: str | None = None) -> dict[str, float]:
        """The metric's numbers by name, after a `change` of one of its parts or, where none is said, of all."""
        parts = [change(part) if of in (None, name) else part for name, part in self.parts.items()]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewSamples)
            found = metrics.build(self.name, *parts)
        return dict(found._asdict()) if isinstance(found, tuple) and hasattr(found, "_asdict") else {self.name: found}

    @property
    def measured(self) -> list[str]:
        """The parts that hold a number or features of each sample."""
        return [name for name, part in self.parts.items() if isinstance(part, np.ndarray) and part.dtype.kind == "f"]

    @property
    def known(self) -> bool:
        """Whether all that it asks for is evidence."""
        return all(part is not None for part in self.parts.values())


def cases(name: str) -> Iterator[Asked]:
    """A metric with the evidence that its parameters name."""
    parts = metrics.shelf.entry(name).parts
    yield Asked(", ".join(parts) or "nothing", name, {part: evidence().get(part) for part in parts})


def its_parameters_are_names_of_evidence(case: Asked) -> None:
    """Those that a judge can give."""
    for name, part in case.parts.items():
        demand(part is not None, "parameters that are evidence", unknown("evidence", name, evidence()))
    demand(bool(case.parts), "a parameter that is evidence", "none")


def it_gives_numbers(case: Asked) -> None:
    """An `Estimate` or another number, or a named tuple of them; none is NaN."""
    for name, value in case.measure().items():
        demand(isinstance(value, float | int | np.floating), f"{name} as a number", type(value).__name__)
        demand(not np.isnan(value), f"{name} as a number", "NaN")


def it_is_a_function_of_its_evidence_and_leaves_that_as_it_is(case: Asked) -> None:
    """The same numbers each time, of arrays that cannot be written to."""

    def kept(part: Any) -> Any:
        if isinstance(part, np.ndarray):
            part = part.copy()
            part.flags.writeable = False
        return part

    first, again = case.measure(kept), case.measure(kept)
    demand(first == again, f"{first} again", again)


def intervals_hold_the_value(case: Asked) -> None:
    """Where one is told, from below to above."""
    for name, value in case.measure().items():
        if isinstance(value, Estimate) and value.low is not None and value.high is not None:
            demand(value.low <= value <= value.high, f"{name} within its interval", repr(value))


def what_is_not_finite_is_refused_or_seen(case: Asked) -> None:
    """NaN in half of any evidence is told in one line, or changes what is measured: it never hides."""

    def spoilt(part: Array) -> Array:
        part = part.copy()
        part[: len(part) // 2] = np.nan
        return part

    clean = case.measure()
    for name in case.measured:
        try:
            found = case.measure(spoilt, name)
        except SaddlepointError as error:
            demand("\n" not in str(error), "one line", str(error))
        else:
            demand(found != clean, f"a refusal of NaN in {name}, or other numbers", "the same")


LAWS: tuple[Law[Asked], ...] = (
    Law(its_parameters_are_names_of_evidence),
    Law(it_gives_numbers, lambda case: case.known),
    Law(it_is_a_function_of_its_evidence_and_leaves_that_as_it_is, lambda case: case.known),
    Law(intervals_hold_the_value, lambda case: case.known),
    Law(what_is_not_finite_is_refused_or_seen, lambda case: case.known),
)
