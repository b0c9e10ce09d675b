"""What share of a run's time does watching take?

python benchmarks/watching.py ../shared/data/FashionMNIST [STEPS]

One run with the default recipe and the default watchdog, on all cores; the seconds that are spent in looking (making
what all looks share apart), in everything else that is logged and asked of the rules, and in all.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from record import keep

from saddlepoint.configuration.tables import told
from saddlepoint.runs.run import Run
from saddlepoint.source import Shard
from saddlepoint.watching.look import Look

Seconds = defaultdict[str, float]


def main() -> None:
    data, steps = sys.argv[1], (sys.argv[2:] or ["1500"])[0]
    spent: Seconds = defaultdict(float)
    count = Counter[str]()
    timed(Look, "prepare", spent, count)
    timed(Look, "__call__", spent, count)
    timed(Run, "_watched", spent, count)
    with tempfile.TemporaryDirectory() as folder:
        options = {"run.steps": steps, "run.judge": "0"}
        run = Run.begin(told(list(options.items())), data, None, str(Path(folder, "run")), Shard())
        began = time.perf_counter()
        for _ in run.steps():
            pass
        seconds = time.perf_counter() - began
    looking, logging = spent["__call__"], spent["_watched"] - spent["__call__"] - spent["prepare"]
    keep(
        "watching",
        data=Path(data).name,
        steps=int(steps),
        seconds=round(seconds, 1),
        looks=count["__call__"],
        look_share=round(looking / seconds, 4),
        log_share=round(logging / seconds, 4),
        prepare_seconds=round(spent["prepare"], 2),
    )


def timed(owner: type, name: str, spent: Seconds, count: Counter[str]) -> None:
    """Have every call of a method counted and its seconds added up."""
    method: Callable[..., Any] = getattr(owner, name)

    def call(*parts: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return method(*parts, **options)
        finally:
            spent[name] += time.perf_counter() - began
            count[name] += 1

    setattr(owner, name, call)


if __name__ == "__main__":
    main()
