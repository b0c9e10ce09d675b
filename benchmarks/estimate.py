"""How near are the time and the memory that are told before the first step to what a run takes?

python benchmarks/estimate.py ../shared/data [CASE ...]

Each case is a process of its own: `memory` of training is the peak of resident memory above what the program had before
the first step; `time` is that of steps, classifier and judging together. Both are told over measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from record import keep

from saddlepoint.configuration.tables import told
from saddlepoint.judging.records import fit_classifier
from saddlepoint.runs.estimate import memory_of
from saddlepoint.runs.pace import forecast
from saddlepoint.runs.run import Run
from saddlepoint.source import Shard

_NOT_JUDGED = {"run.judge": "0", "watch.share": "0"}
CASES: dict[str, tuple[str, dict[str, str]]] = {
    "ring": ("ring", {"run.steps": "2000"}),
    "digits": ("digits", {"run.steps": "600"}),
    "28 x 28": ("FashionMNIST", {"run.steps": "100"}),
    "28 x 28, batch 256": ("FashionMNIST", {"run.steps": "20", "run.batch": "256", **_NOT_JUDGED}),
    "64 x 64": ("catsdogs/catsdogs_128.zip", {"run.steps": "20", "data.size": "64", **_NOT_JUDGED}),
    "128 x 128": ("catsdogs/catsdogs_128.zip", {"run.steps": "8", "data.size": "128", **_NOT_JUDGED}),
}


def main() -> None:
    where, *named = sys.argv[1:]
    if named[:1] == ["--child"]:
        print(json.dumps(measured(Path(where), named[1])))
        return
    for case in named or CASES:
        with tempfile.TemporaryDirectory() as cache:
            command = [sys.executable, __file__, where, "--child", case]
            environment = {**os.environ, "SADDLEPOINT_CACHE": cache}
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
        keep("estimate", case=case, target=0.25, **json.loads(done.stdout.splitlines()[-1]))


def measured(where: Path, case: str) -> dict[str, Any]:
    """What is told of a case, and what it takes."""
    data, options = CASES[case]
    data = str(where / data) if (where / data).exists() else data
    with tempfile.TemporaryDirectory() as folder:
        # What the program loads on its first steps is its own, not the run's.
        for _ in Run.begin(told([("run.steps", "2")]), "digits", None, str(Path(folder, "first")), Shard()).steps():
            pass
        run = Run.begin(told(list(options.items())), data, None, str(Path(folder, "run")), Shard())
        forget_peak()
        before = resident()
        expected = forecast(run)
        assert expected is not None
        memory = sum(memory_of(run, run.settings.batch))
        began = time.perf_counter()
        if run.will_look(expected.steps):
            fit_classifier(run.source, lambda doing: None)
        for _ in run.steps():
            pass
        peak = resident("VmHWM") - before
        for _ in run.judge():
            pass
    seconds = time.perf_counter() - began
    return {
        "steps": run.settings.steps,
        "batch": run.settings.batch,
        "told_mb": round(memory / 2**20, 1),
        "peak_mb": round(peak / 2**20, 1),
        "memory": round(memory / peak, 2),
        "told_seconds": round(expected.total, 1),
        "seconds": round(seconds, 1),
        "time": round(expected.total / seconds, 2),
    }


def resident(which: str = "VmRSS") -> int:
    """This process's resident memory in bytes, now or (VmHWM) at its peak; Linux alone tells."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(which))


def forget_peak() -> None:
    """Count the peak from now on."""
    Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    main()
