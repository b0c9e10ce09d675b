"""Logs of a run, and files of scores: JSON objects, one a line. A bad line is named, and nothing is lost by it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saddlepoint.errors import BadRun
from saddlepoint.saved.storage import bytes_of

Record = dict[str, Any]


class Kind(NamedTuple):
    """What a line of a log must be, as a test and in words."""

    holds: Callable[[Record], bool]
    wanted: str


def _number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _step(record: Record) -> bool:
    step = record.get("step")
    return isinstance(step, int) and not isinstance(step, bool) and step >= 0


def _scalars(record: Record) -> bool:
    return _step(record) and all(map(_number, record.values()))


def _event(record: Record) -> bool:
    texts = ("text", "advice", "cause", "symptom", "did")
    paced = isinstance(record.get("look_every", 1), int) and record.get("look_every", 1) > 0
    counted = all(isinstance(record.get(name, 0), int) for name in ("attempt", "judged"))
    said = "text" in record and all(isinstance(record.get(name, ""), str) for name in texts)
    return _step(record) and said and paced and counted


def _score(record: Record) -> bool:
    numbers = all(_number(record.get(name)) for name in ("low", "high", "floor"))
    texts = all(isinstance(record.get(name, ""), str) for name in ("metric", "features", "reference", "note"))
    tables = [record.get(name, {}) for name in ("counts", "costless")]
    counted = all(isinstance(table, dict) and all(map(_number, table.values())) for table in tables)
    stepped = "step" not in record or _step(record)
    return (
        {"metric", "value"} <= record.keys() and _number(record["value"]) and numbers and texts and counted and stepped
    )


def _measured(record: Record) -> bool:
    return "step" in record and _score(record)


LOGS = ("scalars", "events", "scores")
KINDS = {
    "scalars": Kind(_scalars, 'numbers and their step, {"step": 50, "generator/total": 0.7}'),
    "events": Kind(_event, 'an event and its step, {"step": 50, "text": "..."}'),
    "scores": Kind(_score, 'a score, {"metric": "frechet", "value": 1.5}'),
    "measured": Kind(_measured, 'a score and its step, {"step": 2000, "metric": "fid", "value": 56.5}'),
}


def records_in(file: Path, kind: Kind, *, whole: bool = False) -> list[Record]:
    """The lines of a file.

    A last line that a crash cut short is left out; of a `whole` file it counts, and empty lines do not. Raises
    `BadRun`, naming file and line, for one that is not of the kind.
    """
    *lines, rest = bytes_of(file).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    numbered = list(enumerate([*lines, rest] if whole else lines, 1))
    return list(_records(file, kind, [(n, line) for n, line in numbered if line.strip() or not whole]))


def _records(file: Path, kind: Kind, lines: Iterable[tuple[int, bytes]]) -> Iterator[Record]:
    for number, line in lines:
        record = _parsed(line)
        if not isinstance(record, dict) or not kind.holds(record):
            got = line[:60].decode(errors="backslashreplace")
            raise BadRun(f"{file}, line {number}: wanted {kind.wanted}, got {got!r}; mend the line or take it out")
        yield record


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def line_of(record: Mapping[str, Any]) -> str:
    """A record as a line of JSON; a number that is not finite becomes null."""
    return json.dumps(_plain(record)) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
