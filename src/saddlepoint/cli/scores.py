"""How a score is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def score_line(record: Mapping[str, Any]) -> str:
    """A score in one line, beside what real data gets.

    >>> score_line({"metric": "modes_covered", "value": 8, "of": 8, "real": 8, "step": 5})
    'modes_covered          8 of 8   (real data: 8)'
    """
    of = f" of {record['of']}" if "of" in record else ""
    beside = f" (real data: {_short(record['real'])})" if record.get("real") is not None else ""
    return f"{record['metric']:<22} {_short(record['value']) + of:<8}{beside}".rstrip()


def _short(value: float | None) -> str:
    if value is None:
        return "none"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
