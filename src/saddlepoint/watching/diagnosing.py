"""Diagnoses of a run, line by line as it was logged, so that afterwards one sees what one would have seen then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from saddlepoint import diagnostics
from saddlepoint.history import Finding, History
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.log import KINDS, records_in

Event = dict[str, Any]


class Diagnosis:
    """Rules asked again with every line that was logged."""

    def __init__(self) -> None:
        self._history = History()
        self._open: set[tuple[str, str]] = set()

    def add(self, step: int, numbers: Mapping[str, float | None]) -> list[Event]:
        """An event for each finding that is new at a step with these `numbers`, named PREFIX/NAME.

        The same finding is told again only after it was over.
        """
        self._history.add(step, numbers)
        return list(self._found(step))

    def _found(self, step: int) -> Iterator[Event]:
        for symptom in diagnostics.names():
            for prefix, series in self._history.having(diagnostics.shelf.entry(symptom).parts):
                if series[0].steps[-1] != step:
                    continue
                finding = diagnostics.build(symptom, *series)
                if finding is None:
                    self._open.discard((symptom, prefix))
                elif (symptom, prefix) not in self._open:
                    self._open.add((symptom, prefix))
                    yield event_of(step, symptom, prefix, finding)


def diagnosed(lines: Iterable[tuple[int, Mapping[str, float | None]]]) -> Iterator[Event]:
    """The findings in steps with what was logged at them, in their order."""
    diagnosis = Diagnosis()
    for step, numbers in lines:
        yield from diagnosis.add(step, numbers)


def event_of(step: int, symptom: str, of: str, finding: Finding) -> Event:
    """A finding as a line of events.jsonl."""
    return {"step": step, "symptom": symptom, "of": of, "since": finding.since, "text": f"{of}: {finding.what}"} | {
        "evidence": dict(finding.evidence),
        "cause": finding.cause,
        "advice": finding.advice,
        "curable": finding.curable,
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

    Raises `BadRun`, naming the line, for what is not of that form.
    """
    lines = records_in(Path(path), KINDS["measured"], whole=True)
    yield from diagnosed((line["step"], {f"{line['metric']}/score": line["value"]}) for line in lines)
