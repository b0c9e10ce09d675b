"""The watchdog of a run in training: when it looks, what it finds, and what is to be done about it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from saddlepoint import diagnostics
from saddlepoint.configuration.settings import Settings, Watching
from saddlepoint.errors import BadOption, BadRun, unknown
from saddlepoint.saved.model import Model
from saddlepoint.watching.diagnosing import Diagnosis, Event
from saddlepoint.watching.look import Look

Numbers = dict[str, float]


@dataclass(frozen=True)
class Course:
    """How a run goes on after the watchdog stepped in; kept in every checkpoint.

    The `attempt` decides the seeds of what follows; learning rates and penalties are so many times those of the
    configuration.
    """

    attempt: int = 0
    rates: float = 1.0
    penalties: float = 1.0

    def after(self, action: str) -> Course:
        """That of a run after an action of the watchdog's."""
        return Course(
            attempt=self.attempt + (action == "roll_back"),
            rates=self.rates / (2 if action in ("roll_back", "lower_rates") else 1),
            penalties=self.penalties * (2 if action == "raise_penalties" else 1),
        )

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Course:
        """That of a checkpoint; raises `BadRun` for one of a version that knows more."""
        try:
            return cls(int(plain.get("attempt", 0)), *(float(plain.get(name, 1)) for name in ("rates", "penalties")))
        except (TypeError, ValueError):
            raise BadRun(f"the checkpoint was written by another version: its course is {dict(plain)}") from None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


class Intervention(NamedTuple):
    """What the watchdog wants done, `why`, and `since` which step that has been so."""

    action: str
    why: str
    since: int

    def event(self, done: int, back: int) -> Event:
        """It as a line of events.jsonl, at step `done`, going back to step `back`."""
        said = {
            "lower_rates": "learning rates are halved",
            "raise_penalties": "penalties are doubled",
            "roll_back": f"back to step {back}, with half the learning rates and other seeds",
            "stop": "training stops",
        }
        return {"step": done, "did": self.action, "why": self.why, "text": f"{said[self.action]} ({self.why})"}


class Watch:
    """What is known of a run so far, and what is to be done next; it draws nothing from torch's random state.

    Raises `BadOption` for a symptom that is not known.
    """

    def __init__(self, table: Watching, run: Settings, look: Look, clock: Callable[[], float] = time.monotonic) -> None:
        self.table, self.run, self.look, self._clock = table, run, look, clock
        self._symptoms = _symptoms(table)
        self._prepared = False
        self.remember([], [])

    def remember(self, lines: Iterable[Mapping[str, Any]], events: Iterable[Event]) -> None:
        """Know what a run's folder tells, and nothing else: its lines of scalars and its events."""
        self._diagnosis, self._best, self._without_better = Diagnosis(), math.inf, 0
        self._every = self.table.every
        self._clocked: tuple[int, float] | None = None
        for line in lines:
            numbers = {name: value for name, value in line.items() if name != "step"}
            self._diagnosis.add(line["step"], numbers)
            self._is_best(numbers)
        for event in events:
            self._every = event.get("look_every", self._every)

    def due(self, done: int) -> bool:
        """Whether to look now, after step `done`, which is logged; at the run's end only if it has looked before."""
        if not self.table.share:
            return False
        if self._every:
            return done >= self.run.steps or done // self._every > (done - self.run.log_every) // self._every
        now = self._clock()
        if self._clocked is None:
            self._clocked = (done, now)
        return now - self._clocked[1] >= _WARM

    def will_look(self, seconds: float) -> bool:
        """Whether there will be a look in steps that take so many seconds from here on."""
        if not self.table.share:
            return False
        return self.run.steps >= self._every if self._every else seconds > _WARM / 2

    def seen(self, done: int, model: Callable[[], Model], keep: Callable[[], None]) -> tuple[Numbers, list[Event]]:
        """What a look shows, named look/NAME; `keep` is called where it is the best so far.

        The first one decides how often to look from now on, unless that was told, and tells it.
        """
        reached = self._clock()
        labels = {} if self._prepared else self.look.prepare()
        self._prepared = True
        began = self._clock()
        numbers = {f"look/{name}": value for name, value in (labels | self.look(model())).items()}
        if self._is_best(numbers):
            keep()
        return numbers, [] if self._every else [self._paced(done, reached, self._clock() - began)]

    def found(self, done: int, numbers: Mapping[str, float | None]) -> list[Event]:
        """What the rules find after step `done`, at which `numbers` were logged."""
        return self._diagnosis.add(done, numbers)

    def intervention(self, found: Iterable[Event], course: Course) -> Intervention | None:
        """What is to be done about findings, in a run on this course; None where a warning is enough."""
        action, table = self.table.action, self.table
        idle = action == "warn" or (action == "roll_back" and not self.may_roll_back(course))
        for event in () if idle else found:
            if event["symptom"] in self._symptoms and (event["curable"] or action == "stop"):
                return Intervention(action, f"{event['symptom']} of {event['of']}", event["since"])
        if 0 < table.patience <= self._without_better:
            why = f"no better {table.score} in {self._without_better} looks"
            return Intervention("stop", why, 0)
        return None

    def may_roll_back(self, course: Course) -> bool:
        """Whether a run on this course may be rolled back, once more."""
        return self.table.action == "roll_back" and course.attempt < self.table.rollbacks

    def _is_best(self, numbers: Mapping[str, float | None]) -> bool:
        """Whether a look's score is as good as the best so far, as well as can be told from its samples."""
        if "look/score" not in numbers:
            return False
        score, low = (numbers.get(name) for name in ("look/score", "look/score_low"))
        if score is None or low is None or not math.isfinite(score):
            self._without_better += 1
            return False
        best, self._best = self._best, min(self._best, score)
        self._without_better = 0 if score < best else self._without_better + 1
        return low <= best

    def _paced(self, done: int, reached: float, cost: float) -> Event:
        """How often to look: step `done` was reached at a time, and a look costs so many seconds."""
        assert self._clocked is not None
        first, clocked = self._clocked
        pace = (reached - clocked) / (done - first)
        least = max(cost / (self.table.share * pace), self.run.steps / _MOST_LOOKS)
        self._every = math.ceil(least / self.run.log_every) * self.run.log_every
        text = f"looks every {self._every} steps: {cost:.2f} s each, {cost / pace / self._every:.1%} of the time"
        return {"step": done, "look_every": self._every, "text": text}


# Seconds of steps before their pace is known, and looks in a run at most.
_WARM, _MOST_LOOKS = 2.0, 50


def _symptoms(table: Watching) -> set[str]:
    known = diagnostics.names()
    named = [name.strip() for name in table.on.split(",")] if table.on else known
    for name in named:
        if name not in known:
            raise BadOption(unknown("symptom", name, known))
    return set(named)
