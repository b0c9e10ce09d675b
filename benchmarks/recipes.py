"""Does each recipe do what it says? Data x objective x seeds, each a `saddle train` on one core, two at a time.

python benchmarks/recipes.py ring grid --seeds 5      every objective that has a recipe of its own for the data
python benchmarks/recipes.py digits --objectives r3gan

Results are kept as they come; what is there already is not run again, so an interrupted table goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from statistics import median

from record import keep, kept

from saddlepoint.runs import recipes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--objectives", nargs="*")
    parser.add_argument("--workers", type=int, default=2)
    told = parser.parse_args()
    wanted = [
        (data, objective, seed)
        for data in told.data
        for objective, seed in product(told.objectives or objectives_of(data), range(told.seeds))
    ]
    done = {(row["data"], row["objective"], row["seed"]) for row in kept("recipes")}
    with ThreadPoolExecutor(told.workers) as pool:
        list(pool.map(lambda case: run(*case), [case for case in wanted if case not in done]))
    for data, objective in dict.fromkeys(case[:2] for case in wanted):
        print(line(data, objective))


def objectives_of(data: str) -> list[str]:
    """The objectives that have a recipe for this data."""
    own = [name for name in recipes.names() if name == data or name.startswith(f"{data}-")]
    return [recipes.tables(name)["objective"]["name"] for name in own]


def run(data: str, objective: str, seed: int) -> None:
    """One run, timed with its start and its judgement."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = ["train", data, "--objective", objective, "--seed", str(seed), "--run.threads", "1"]
        began = time.monotonic()
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        subprocess.run(
            [sys.executable, "-m", "saddlepoint", *command, "--out", str(out)],
            check=True, stdout=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        seconds = time.monotonic() - began
        scores = {row["metric"]: row for row in map(json.loads, (out / "scores.jsonl").read_text().splitlines())}
    values = {name: row["value"] for name, row in scores.items()}
    real = {f"real_{name}": row["real"] for name, row in scores.items()}
    keep("recipes", data=data, objective=objective, seed=seed, seconds=round(seconds, 1), **values, **real)


def line(data: str, objective: str) -> str:
    """Median and range over seeds of every score."""
    rows = [row for row in kept("recipes") if (row["data"], row["objective"]) == (data, objective)]
    names = [name for name in rows[0] if f"real_{name}" in rows[0]]
    told = [
        f"{name} {median(values):.3f} [{min(values):.3f}, {max(values):.3f}]"
        for name in names
        if all(row[name] is not None for row in rows)
        for values in [[row[name] for row in rows]]
    ]
    return f"{data} {objective} ({len(rows)} seeds, {median(row['seconds'] for row in rows):.0f} s): " + "; ".join(told)


if __name__ == "__main__":
    main()
