"""Is a run that was killed again and again, and resumed each time, the run that nobody disturbed, bit for bit?

python benchmarks/resume.py

For every objective: the processes of a ring run get SIGKILL at random instants of their life, in start-up, in steps
and in writing alike; the last checkpoint, the scalars and the scores are then compared with those of an unbroken run.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any

import torch
from record import keep
from torch import Tensor

from saddlepoint import objectives
from saddlepoint.saved.folder import RunFolder

SMALL = {"network.width": 32, "network.depth": 2, "run.save_every": 20, "run.picture_every": 200, "run.threads": 1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("objectives", nargs="*", default=objectives.names())
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    told = parser.parse_args()
    with ThreadPoolExecutor(told.workers) as pool:
        for result in pool.map(partial(tried, steps=told.steps, kills=told.kills, seed=told.seed), told.objectives):
            keep("resume", **result)


@dataclass
class Tally:
    """What was done to the runs of one objective, and what `refused` to go on: the last lines of stderr."""

    wanted: int
    delays: Iterator[float]
    kills: int = 0
    before_folder: int = 0
    while_writing: int = 0
    refused: list[str] = field(default_factory=list)


def tried(objective: str, *, steps: int, kills: int, seed: int) -> dict[str, Any]:
    """One objective: an unbroken run, and as many broken ones as the kills last for."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        broken: list[Path] = []
        command = train_command(objective, steps)
        tally = Tally(kills, delays(unbroken(command, whole), kills, random.Random(f"{objective} {seed}")))
        while tally.kills < kills:
            broken.append(Path(folder) / f"broken-{len(broken)}")
            disturbed(command, broken[-1], tally)
        differences = [found for out in broken for found in differing(whole, out)]
    told = {
        "kills": tally.kills,
        "kills_before_folder": tally.before_folder,
        "kills_while_writing": tally.while_writing,
    }
    return {
        "objective": objective,
        "equal": not differences,
        **told,
        "runs": len(broken),
        "differences": differences,
        "refused": tally.refused,
        "steps": steps,
        "seconds": round(time.monotonic() - began, 1),
    }


def train_command(objective: str, steps: int) -> list[str]:
    options = {**SMALL, "objective": objective, "steps": steps}
    return ["train", "ring", *(str(word) for name, value in options.items() for word in (f"--{name}", value)), "--out"]


def unbroken(command: list[str], out: Path) -> tuple[float, float]:
    """Play a run undisturbed: the seconds until its folder was there, and those from then to its end."""
    began = time.monotonic()
    process = saddle([*command, str(out)])
    while not out.exists() and process.poll() is None:
        time.sleep(0.01)
    started = time.monotonic()
    _, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(errors)
    return started - began, time.monotonic() - started


def delays(lives: tuple[float, float], kills: int, draw: random.Random) -> Iterator[float]:
    """Instants to kill at, evenly spread over start-up and so much more that the kills last for a run and a half."""
    starting, playing = lives
    share = 1.5 * playing / kills
    # Played w beyond start-up at most, a process plays w^2 / (2 (starting + w)) on average: the share.
    longest = starting + share + sqrt(share**2 + 2 * share * starting)
    while True:
        yield draw.uniform(0, longest)


def disturbed(command: list[str], out: Path, tally: Tally) -> None:
    """Play a run to its end, killing its processes while there are kills left."""
    while True:
        resuming = out.exists()
        delay = next(tally.delays) if tally.kills < tally.wanted else None
        began = time.time()
        process = saddle(["resume", str(out)] if resuming else [*command, str(out)])
        try:
            _, errors = process.communicate(timeout=delay)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            tally.kills += 1
            tally.before_folder += not out.exists()
            tally.while_writing += unfinished(out, began)
            continue
        if process.returncode == 0:
            return
        if not resuming:
            raise RuntimeError(errors)
        tally.refused.append(errors.strip().splitlines()[-1])
        shutil.rmtree(out)


def saddle(arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "saddlepoint", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def unfinished(out: Path, since: float) -> bool:
    """Whether a file lies in the folder that was being written."""
    return any(file.stat().st_mtime >= since for file in out.rglob(".*.tmp*"))


def differing(whole: Path, broken: Path) -> list[str]:
    """What a broken run has that the unbroken one has not, or the other way round."""
    found = [name for name in ("scalars.jsonl", "scores.jsonl") if content(whole / name) != content(broken / name)]
    (step, expected), (last, got) = last_checkpoint(whole), last_checkpoint(broken)
    if step != last:
        return [*found, f"last checkpoint at step {last} and not {step}"]
    return found + [name for name in sorted(expected.keys() | got.keys()) if expected.get(name) != got.get(name)]


def content(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def last_checkpoint(out: Path) -> tuple[int, dict[str, bytes]]:
    """The newest checkpoint's step, and its tensors as bytes."""
    checkpoint = RunFolder(out).newest(print)
    return checkpoint.step, {name: bits(tensor) for name, tensor in checkpoint.tensors.items()}


def bits(tensor: Tensor) -> bytes:
    """A tensor's numbers of any type, as bytes."""
    return tensor.flatten().view(torch.uint8).numpy().tobytes()


if __name__ == "__main__":
    main()
