"""Scores: how they are kept in a run's folder, which of them count, and how one is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.log import Record

_WHAT = ("metric", "step", "features", "features_digest", "reference")


def kept(folder: RunFolder, records: Iterable[Record]) -> Iterator[Record]:
    """The scores as they come, each in the run's folder by then.

    It takes the place of one of the same metric, step, features and reference; the others stay.
    """
    known = {_what(record): record for record in folder.lines("scores")}
    for record in records:
        known.pop(_what(record), None)
        known[_what(record)] = record
        folder.write("scores", known.values())
        yield record


def _what(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(record.get(key) for key in _WHAT)


def of_one_step(records: Sequence[Record]) -> list[Record]:
    """Those of the step that most scores are of, of the last one where several have as many.

    >>> of_one_step([{"metric": "a", "step": 5}, {"metric": "b", "step": 5}, {"metric": "a", "step": 9}])
    [{'metric': 'a', 'step': 5}, {'metric': 'b', 'step': 5}]
    """
    counts = Counter(record.get("step", 0) for record in records)
    step = max(counts, key=lambda step: (counts[step], step), default=0)
    return [record for record in records if record.get("step", 0) == step]


def score_line(record: Mapping[str, Any]) -> str:
    """A score in one line, with its 95 % interval, beside what real data and what costs nothing get.

    >>> score_line({"metric": "recall", "value": 0.5, "low": 0.46, "high": 0.54, "floor": 0.9})
    'recall                                             0.5 [0.46, 0.54] (real data: 0.9)'
    """
    note = f"; {record['note']}" if "note" in record else ""
    within = record.get("features", "values")
    name = record["metric"] if within == "values" else f"{record['metric']} ({within})"
    return f"{name:<50} {value_of(record)}{_beside(record)}{note}"


def value_of(record: Mapping[str, Any]) -> str:
    """A score's value, and its interval where there is one.

    >>> value_of({"value": 8.0, "low": None, "high": None})
    '8'
    """
    if record.get("low") is None:
        return short(record["value"])
    return f"{short(record['value'])} [{short(record['low'])}, {short(record['high'])}]"


def _beside(record: Mapping[str, Any]) -> str:
    told = listed({"real data": record.get("floor"), **record.get("costless", {})})
    return f" ({told})" if told else ""


def listed(values: Mapping[str, float | None]) -> str:
    """Numbers by name in one line, those that there are.

    >>> listed({"given": 24.61, "mean": None, "ridge": 26.25})
    'given: 24.61, ridge: 26.25'
    """
    return ", ".join(f"{name}: {short(value)}" for name, value in values.items() if value is not None)


def short(value: float | None) -> str:
    """A number in four digits."""
    return "none" if value is None else f"{value:.4g}"
