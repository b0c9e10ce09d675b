"""How much longer does a step take beside another training?

python benchmarks/busy.py                  # FashionMNIST, two threads, beside a training in one

Processes of their own, turn by turn: as `saddle` has its idle threads wait, as torch has them wait by itself, and with
OMP_WAIT_POLICY=PASSIVE.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from loop import played, seconds
from record import keep

from saddlepoint.machine.idle import soon_asleep
from saddlepoint.runs.run import Run
from saddlepoint.source import Shard

WAYS = ("saddle", "torch", "passive")
FIRST = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/FashionMNIST")
    parser.add_argument("--steps", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.child:
        print(a_step(told.data, told.threads, told.steps))
        return
    command = [sys.executable, __file__, "--child", "--data", told.data, "--threads", str(told.threads)]
    command += ["--steps", str(told.steps)]
    alone = rounds(command, told.rounds)
    with another_training(told.data):
        beside = rounds(command, told.rounds)
    for way in WAYS:
        times = {"alone_ms": round(1e3 * alone[way], 1), "beside_ms": round(1e3 * beside[way], 1)}
        keep("busy", way=way, ratio=round(beside[way] / alone[way], 2), **times, threads=told.threads)


def a_step(data: str, threads: int, steps: int) -> float:
    """Seconds a step takes in this process."""
    with tempfile.TemporaryDirectory() as folder:
        said = {"run": {"threads": threads, "judge": 0}, "watch": {"share": 0.0}}
        run = Run.begin(said, data, None, str(Path(folder) / "run"), Shard())
        moves = run.steps()
        played(moves, FIRST)
        return seconds(played, moves, steps) / steps


def rounds(command: list[str], count: int) -> dict[str, float]:
    """Median seconds a step in each way."""
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(count):
        for way, times in found.items():
            done = subprocess.run(command, env=environment(way), check=True, stdout=subprocess.PIPE, text=True)
            times.append(float(done.stdout.splitlines()[-1]))
    return {way: median(times) for way, times in found.items()}


def environment(way: str) -> dict[str, str]:
    """What a process is told of its idle threads."""
    told = {name: value for name, value in os.environ.items() if name not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    if way == "saddle":
        soon_asleep(told)
    return told | ({"OMP_WAIT_POLICY": "PASSIVE"} if way == "passive" else {})


@contextmanager
def another_training(data: str) -> Iterator[None]:
    """One that goes on meanwhile, in one thread and in a session of its own, as from another terminal."""
    command = [sys.executable, __file__, "--child", "--data", data, "--threads", "1", "--steps", str(10**9)]
    with subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, start_new_session=True) as other:
        try:
            yield
        finally:
            other.kill()


if __name__ == "__main__":
    main()
