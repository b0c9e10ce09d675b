"""Diagnoses of a run, line by line as it was logged, so that afterwards one sees what one would have seen then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from saddlepoint import diagnostics
from saddlepoint.errors import BadData
from saddlepoint.history import Finding, History
from saddlepoint.runs.folder import RunFolder

Event = dict[str, Any]


def diagnosed(lines: Iterable[tuple[int, Mapping[str, float | None]]]) -> Iterator[Event]:
    """An event for each finding, when it is first made; the same one is told again only after it was over.

    `lines` are steps with what was logged at them, named PREFIX/NAME.
    """
    history = History()
    open_: set[tuple[str, str]] = set()
    for step, numbers in lines:
        history.add(step, numbers)
        for symptom in diagnostics.names():
            for prefix, series in history.having(diagnostics.shelf.entry(symptom).parts):
                if series[0].steps[-1] != step:
                    continue
                finding = diagnostics.build(symptom, *series)
                if finding is None:
                    open_.discard((symptom, prefix))
                elif (symptom, prefix) not in open_:
                    open_.add((symptom, prefix))
                    yield event_of(step, symptom, prefix, finding)


def event_of(step: int, symptom: str, of: str, finding: Finding) -> Event:
    """A finding as a line of events.jsonl."""
    return {"step": step, "symptom": symptom, "of": of, "since": finding.since, "text": f"{of}: {finding.what}"} | {
        "evidence": dict(finding.evidence),
        "cause": finding.cause,
        "advice": finding.advice,
    }


def of_run(path: str) -> Iterator[Event]:
    """What the rules say of a run's folder; raises `BadRun` for what is no run's folder."""
    folder = RunFolder(path)
    folder.config()
    yield from diagnosed(
        (line["step"], {k: v for k, v in line.items() if k != "step"}) for line in folder.lines("scalars")
    )


def of_scores(path: str) -> Iterator[Event]:
    """What the rules say of scores, of which lower is better: lines {"step": 2000, "metric": "fid", "value": 56.5}.

    Raises `BadData`, naming the line, for what is not of that form.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path}: cannot be read ({error})") from None
    yield from diagnosed(_score(path, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def _score(path: str, number: int, line: str) -> tuple[int, Mapping[str, float | None]]:
    try:
        record = json.loads(line)
        value = record["value"]
        return int(record["step"]), {f"{record['metric']}/score": None if value is None else float(value)}
    except (ValueError, KeyError, TypeError):
        raise BadData(
            f'{path}, line {number}: wanted {{"step": 2000, "metric": "fid", "value": 56.5}}, got {line[:60]}'
        ) from None
