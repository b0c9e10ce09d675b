"""How a run is run and watched, whatever it trains."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import inf
from typing import Any

from saddlepoint.catalogue import Entry, Option
from saddlepoint.errors import BadOption


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

    steps: int = 5000
    batch: int = 128
    seed: int = 0
    solver: str = "alternate"
    anneal: float = 0.5
    average: float = 0.999
    clip: float | None = None
    accumulate: int = 1
    device: str = "auto"
    precision: str = "auto"
    threads: int = 0
    save_every: int = 1000
    keep: int = 3
    log_every: int = 50
    picture_every: int = 0
    judge: int = 2000
    log: str = "lines"


@dataclass(frozen=True, kw_only=True)
class Watching:
    """The [watch] table of a configuration.

    Now and then the watchdog looks at `samples` samples of the model: every `every` steps, or, if that is 0, as often
    as takes at most `share` of the run's time (0: never). The checkpoint with the least `score`, a metric of which
    lower is better, is kept as the best; training stops after `patience` looks without a better one (0: never).
    `action` is what is done about a finding, or about those `on` these symptoms alone (by commas). A run is rolled
    back at most `rollbacks` times.
    """

    every: int = 0
    share: float = 0.05
    samples: int = 512
    score: str = "sliced_wasserstein"
    patience: int = 0
    action: str = "warn"
    on: str | None = None
    rollbacks: int = 3

    @property
    def steps_in(self) -> bool:
        """Whether the watchdog may do more than warn."""
        return self.action != "warn" or self.patience > 0


_LIMITS: dict[str, dict[str, tuple[float, float]]] = {
    "run": {
        **dict.fromkeys(("steps", "batch", "accumulate", "save_every", "keep", "log_every"), (1, inf)),
        **dict.fromkeys(("picture_every", "threads", "judge"), (0, inf)),
        **dict.fromkeys(("anneal", "average"), (0, 1)),
        "clip": (0, inf),
    },
    "watch": {
        **dict.fromkeys(("every", "patience", "rollbacks"), (0, inf)),
        "share": (0, 1),
        "samples": (16, inf),
    },
}
_CHOICES = {
    "solver": "Literal['alternate', 'simultaneous', 'extragradient']",
    "log": "Literal['lines', 'tensorboard']",
    "precision": "Literal['auto', 'float32', 'bfloat16']",
    "score": "Literal['sliced_wasserstein', 'frechet', 'kernel']",
    "action": "Literal['warn', 'lower_rates', 'raise_penalties', 'roll_back', 'stop']",
}


def _entry(name: str, about: str, table: type[Settings | Watching]) -> Entry:
    options = {f.name: Option(f.name, _CHOICES.get(f.name, str(f.type)), f.default) for f in fields(table)}
    details = inspect.cleandoc(table.__doc__ or "").partition("\n\n")[2]
    return Entry(name, about, "", details.replace("\n", " "), (), options)


ENTRIES = {
    "run": _entry("run", "How a run is run, whatever it trains", Settings),
    "watch": _entry("watch", "What the watchdog looks at, and what it does", Watching),
}


def completed(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The whole table called `name`; raises `BadOption` for what is misspelt, of another type, or out of range."""
    full = ENTRIES[name].complete(given, name)
    for option, (least, most) in _LIMITS[name].items():
        if option in full and not least <= full[option] <= most:
            upto = "" if most == inf else f" and at most {most:g}"
            raise BadOption(f"{name}.{option}: wanted at least {least:g}{upto}, got {full[option]}")
    return full
