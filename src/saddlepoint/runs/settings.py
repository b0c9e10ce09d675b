"""How a run is run, whatever it trains."""

from __future__ import annotations

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
    and `precision` are chosen for the machine when "auto", and written down.
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


_LIMITS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("steps", "batch", "accumulate", "save_every", "keep", "log_every"), (1, inf)),
    **dict.fromkeys(("picture_every", "threads", "judge"), (0, inf)),
    **dict.fromkeys(("anneal", "average"), (0, 1)),
    "clip": (0, inf),
}
_CHOICES = {
    "solver": "Literal['alternate', 'simultaneous', 'extragradient']",
    "precision": "Literal['auto', 'float32', 'bfloat16']",
}

ENTRY = Entry(
    "run",
    "How a run is run, whatever it trains",
    "",
    "",
    (),
    {f.name: Option(f.name, _CHOICES.get(f.name, str(f.type)), f.default) for f in fields(Settings)},
)


def completed(given: Mapping[str, Any]) -> dict[str, Any]:
    """The whole [run] table; raises `BadOption` for what is misspelt, of another type, or out of range."""
    full = ENTRY.complete(given, "run")
    for name, (least, most) in _LIMITS.items():
        if name in full and not least <= full[name] <= most:
            upto = "" if most == inf else f" and at most {most:g}"
            raise BadOption(f"run.{name}: wanted at least {least:g}{upto}, got {full[name]}")
    return full
