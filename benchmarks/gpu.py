"""Does everything work on a GPU, and how fast is it there?

python benchmarks/gpu.py                         every path, then the speeds; under eight minutes
python benchmarks/gpu.py --device cpu --quick    the same paths on a CPU, without the speeds

Every path is a `saddle` process of its own: train and judge in both precisions, resume what lost its last checkpoint
(on a GPU too it should end at the same bits; the differences are told), watch to a planted end, sample twice. Speeds
are those of `images.py`: `saddle train` against a plain loop that does the same in float32, turn by turn, and the share
of the chip's bfloat16 rate.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from record import keep
from resume import differing, saddle

SIZES = {"FashionMNIST": ("image", "image-large"), "utkface/utkface_64.zip": ("image64", "image-large")}
SMALL = ["--steps", "60", "--run.save_every", "20", "--run.judge", "200", "--run.threads", "1"]
CONVOLUTIONS = ["train", "digits", "--network", "dcgan", "--network.width", "16", *SMALL]
PLANTED = ["train", "ring", "--optimizer.lr", "10", "--watch.action", "stop", "--steps", "2000", "--run.judge", "0"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data", help="where FashionMNIST and the faces are")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="the paths alone")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        for path, wrong in walked(Path(folder), told.device):
            keep("gpu", path=path, wrong=wrong, device=told.device, seconds=round(time.monotonic() - began, 1))
            began = time.monotonic()
    if not told.quick:
        timed(Path(told.data), told.device, told.rounds)


def walked(folder: Path, device: str) -> Iterator[tuple[str, list[str]]]:
    """Each path, and what was wrong on it."""
    on = ["--run.device", device]
    yield "train and judge points", said(["train", "ring", *SMALL, *on, "--out", str(folder / "ring")])
    for precision in ("float32", "bfloat16"):
        run, again = folder / precision, folder / f"{precision}-again"
        train = [*CONVOLUTIONS, *on, "--run.precision", precision, "--out"]
        yield f"train and judge pictures in {precision}", said([*train, str(run)])
        yield f"sample in {precision}", sampled(run)
        yield f"resume in {precision}", said([*train, str(again)]) or resumed(run, again)
    yield "watch to a planted end", stopped([*PLANTED, *on], folder / "planted")


def said(command: list[str], status: int = 0) -> list[str]:
    """The last line of what a command said, if it ended with another status than it should."""
    process = saddle(command)
    _, errors = process.communicate()
    return [] if process.returncode == status else [errors.strip().splitlines()[-1]]


def sampled(run: Path) -> list[str]:
    """Whether samples are the same each time, and in the data's range."""
    made = [run.parent / f"{run.name}-{place}.npy" for place in ("one", "other")]
    wrong = [line for out in made for line in said(["sample", str(run), "-n", "50", "--seed", "1", "-o", str(out)])]
    if wrong:
        return wrong
    one, other = (np.load(out) for out in made)
    found = [] if np.array_equal(one, other) else [f"samples differ by {abs(one - other).max():.3g}"]
    return found if 0 <= one.min() <= one.max() <= 1 else [*found, "samples leave the data's range"]


def resumed(whole: Path, broken: Path) -> list[str]:
    """What differs once the last checkpoint was lost and the run was resumed."""
    (broken / "scores.jsonl").unlink()
    *_, last = sorted((broken / "checkpoints").iterdir())
    last.unlink()
    return said(["resume", str(broken)]) or differing(whole, broken)


def stopped(command: list[str], out: Path) -> list[str]:
    """Whether the watchdog found something and ended it."""
    wrong = said([*command, "--out", str(out)])
    return wrong or ([] if "symptom" in (out / "events.jsonl").read_text() else ["nothing was found"])


def timed(data: Path, device: str, rounds: int) -> None:
    """Speeds by size and recipe, each in a process of its own."""
    script = Path(__file__).parent / "images.py"
    for name, recipes in SIZES.items():
        for recipe in recipes:
            told = ["--data", str(data / name), "--recipe", recipe, "--device", device, "--rounds", str(rounds)]
            subprocess.run([sys.executable, str(script), *told, "--cycles", "1"], check=True)


if __name__ == "__main__":
    main()
