"""How much memory does `saddle train` take at most, against a plain float32 loop on the same data?

python benchmarks/memory.py

Each is a process of its own that trains as many steps, holds the same data set and reports its peak resident memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import torch
from loop import by_hand, spread
from record import keep

from saddlepoint.source import Shard

TARGET = 1.15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/FashionMNIST")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--child", choices=CHILDREN, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.child:
        said = {"run": {"steps": told.steps, "threads": told.threads}}
        print(json.dumps(CHILDREN[told.child](said, told.data)))
        return
    command = [sys.executable, __file__, "--data", told.data, "--steps", str(told.steps)]
    compare([*command, "--threads", str(told.threads)], told.rounds, steps=told.steps, threads=told.threads)


def compare(command: list[str], rounds: int, **told: Any) -> None:
    """Both kinds of process, turn by turn."""
    found = [{name: child(command, name) for name in CHILDREN} for _ in range(rounds)]
    ratio = spread([one["saddle"]["peak"] / one["hand"]["peak"] for one in found])
    megabytes = {
        f"{name}_{when}_mb": round(median(one[name][when] for one in found) / 2**20)
        for name in CHILDREN
        for when in ("before", "peak")
    }
    keep("memory", ratio=ratio, target=TARGET, **megabytes, **told)


def child(command: list[str], name: str) -> dict[str, int]:
    """The peak of one process in bytes, `before` its first step and at its end."""
    done = subprocess.run([*command, "--child", name], check=True, capture_output=True, text=True)
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


def saddle(said: dict[str, Any], data: str) -> dict[str, int]:
    """What `saddle train` does, with its checkpoints and pictures."""
    # Imported here alone: what the loop by hand does without must not count against it.
    from saddlepoint.runs.run import Run

    with tempfile.TemporaryDirectory() as folder:
        run = Run.begin(said, data, None, str(Path(folder) / "run"), Shard())
        before = peak()
        for _ in run.steps():
            pass
    return {"before": before, "peak": peak()}


def hand(said: dict[str, Any], data: str) -> dict[str, int]:
    """The same game on the same data in a loop by hand, which writes nothing."""
    from saddlepoint.configuration.building import game_of, kinds_of, optimizers_of, source_of
    from saddlepoint.configuration.tables import complete_data, completed
    from saddlepoint.data._open import reader_of
    from saddlepoint.schedule import schedule

    torch.set_num_threads(said["run"]["threads"])
    table = complete_data(reader_of(data), data, {})
    source = source_of(table)
    config = completed({**said, "data": table}, kinds_of(table["name"], source), None)
    game: Any = game_of(config, source.spec)
    moves, batches = optimizers_of(config, game), source.batches(config["run"]["batch"])
    before = peak()
    penalty = schedule(config["regularizer"]["r1"]["weight"])
    by_hand(game, moves, batches, range(config["run"]["steps"]), penalty, config["run"]["average"])
    return {"before": before, "peak": peak()}


CHILDREN = {"saddle": saddle, "hand": hand}


def peak() -> int:
    """The most memory this process has had so far, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


if __name__ == "__main__":
    main()
