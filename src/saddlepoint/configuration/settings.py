"""How a run is run and watched, whatever it trains."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

from saddlepoint.catalogue import Entry, options_of
from saddlepoint.ranges import BatchSize, Range, Scale, Share, Steps, Whole

Threads = Annotated[int, Range(0, 256)]
Judged = Annotated[int, Range(0, 1_000_000)]
Looked = Annotated[int, Range(16, 1_000_000)]
Solver = Literal["alternate", "simultaneous", "extragradient"]
Chosen = Literal["auto", "float32", "bfloat16"]
Log = Literal["lines", "tensorboard"]
Score = Literal["sliced_wasserstein", "frechet", "kernel", "l1"]
Action = Literal["warn", "lower_rates", "raise_penalties", "roll_back", "stop"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The [run] table of a configuration.

    `batch` counts all processes together. Learning rates fall linearly to zero over the last `anneal` share of the
    steps. `average` is the decay of the moving average. `clip` bounds gradient norms. `accumulate` parts of a batch
    are differentiated one after the other. A checkpoint is written every `save_every` steps and the last `keep` are
    kept; scalars are logged every `log_every` steps and samples drawn every `picture_every` (0: ten times a run).
    When it ends the run is judged by at most `judge` samples (0: not at all). `threads` 0 takes every core. `device`
    and `precision` are chosen for the machine when "auto", and written down. `log` tensorboard writes event files
    beside the lines of JSON.
    """

    steps: Steps = 5000
    batch: BatchSize = 128
    seed: int = 0
    solver: Solver = "alternate"
    anneal: Share = 0.5
    average: Share = 0.999
    clip: Scale | None = None
    accumulate: BatchSize = 1
    device: str = "auto"
    precision: Chosen = "auto"
    threads: Threads = 0
    save_every: Steps = 1000
    keep: Steps = 3
    log_every: Steps = 50
    picture_every: Whole = 0
    judge: Judged = 2000
    log: Log = "lines"

    @property
    def drawn_every(self) -> int:
        """After how many steps samples are drawn, also where that was not told."""
        return self.picture_every or max(self.steps // 10, 1)


@dataclass(frozen=True, kw_only=True)
class Watching:
    """The [watch] table of a configuration.

    Now and then the watchdog looks at `samples` samples of the model: every `every` steps, or, if that is 0, as often
    as takes at most `share` of the run's time (0: never). The checkpoint with the least `score`, a metric of which
    lower is better, is kept as the best (`l1`, of a model of whose answers it is known what would be right, is that of
    held-out questions where there are any); training stops after `patience` looks without a better one (0: never).
    `action` is what is done about a finding, or about those `on` these symptoms alone (by commas). A run is rolled
    back at most `rollbacks` times.
    """

    every: Whole = 0
    share: Share = 0.05
    samples: Looked = 512
    score: Score = "sliced_wasserstein"
    patience: Whole = 0
    action: Action = "warn"
    on: str | None = None
    rollbacks: Whole = 3

    @property
    def steps_in(self) -> bool:
        """Whether the watchdog may do more than warn."""
        return self.action != "warn" or self.patience > 0


def _entry(name: str, about: str, table: type[Settings | Watching]) -> Entry:
    options = options_of({f.name: (f.type, f.default) for f in fields(table)}, globals())
    details = inspect.cleandoc(table.__doc__ or "").partition("\n\n")[2]
    return Entry(name, about, "", details.replace("\n", " "), (), options)


ENTRIES = {
    "run": _entry("run", "How a run is run, whatever it trains", Settings),
    "watch": _entry("watch", "What the watchdog looks at, and what it does", Watching),
}


def completed(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The whole table called `name`; raises `BadOption` for what is misspelt, of another type, or out of range."""
    return ENTRIES[name].complete(given, name)
