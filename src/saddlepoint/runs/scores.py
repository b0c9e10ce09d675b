"""How a score is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def score_line(record: Mapping[str, Any]) -> str:
    """A score in one line, with its 95 % interval, beside what real data gets.

    >>> score_line({"metric": "recall", "value": 0.5, "low": 0.46, "high": 0.54, "floor": 0.9})
    'recall                                             0.5 [0.46, 0.54] (real data: 0.9)'
    """
    note = f"; {record['note']}" if "note" in record else ""
    within = record.get("features", "values")
    name = record["metric"] if within == "values" else f"{record['metric']} ({within})"
    return f"{name:<50} {value_of(record)}{_beside(record.get('floor'))}{note}"


def value_of(record: Mapping[str, Any]) -> str:
    """A score's value, and its interval where there is one.

    >>> value_of({"value": 8.0, "low": None, "high": None})
    '8'
    """
    if record.get("low") is None:
        return short(record["value"])
    return f"{short(record['value'])} [{short(record['low'])}, {short(record['high'])}]"


def _beside(floor: float | None) -> str:
    return "" if floor is None else f" (real data: {short(floor)})"


def short(value: float | None) -> str:
    """A number in four digits."""
    return "none" if value is None else f"{value:.4g}"
