"""A `saddle train` in a process and a folder of its own, timed and judged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def trained(data: str, *arguments: object, threads: int = 1, picture: Path | None = None) -> Row:
    """The scores of a run and of real data (`real_...`), its seconds on the clock and those its processors worked.

    Both times hold the start of the program and the judging. The run's last samples are copied to `picture`.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        told = [str(argument) for argument in (*arguments, "--run.threads", threads, "--out", out)]
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "saddlepoint", "train", data, *told],
            stdout=subprocess.DEVNULL,
            env=os.environ | ({"OMP_NUM_THREADS": "1"} if threads == 1 else {}),
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        if process.returncode:
            raise SystemExit(f"saddle train {data} {' '.join(told)} ended with status {process.returncode}")
        if picture:
            shutil.copy(max((out / "samples").glob("[0-9]*.png")), picture)
        scores = [json.loads(line) for line in (out / "scores.jsonl").read_text().splitlines()]
    return {
        "threads": threads,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        **{row["metric"]: row["value"] for row in scores},
        **{f"real_{row['metric']}": row["floor"] for row in scores},
    }
