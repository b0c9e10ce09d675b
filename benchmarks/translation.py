"""How near to the truth, and how real, are pictures made of pictures? Each task beside what costs nothing.

python benchmarks/translation.py                     # every task, a run each
python benchmarks/translation.py faces-downscale --seed 1
python benchmarks/translation.py --table             # what was kept last, as a table

Every task is trained by its recipe, by one thread, and judged on held-out pictures. Faces are those of UTKFace of 64
pixels a side, without the copies of others, told by their bytes or by a root mean square below 0.05 between pictures
whose 4x4 means are near; labelled, for the judging classifier alone, by six groups of age and two of gender. Sides
without pairs are made of them at 32 pixels, half of the faces on each side and none on both; 800 held-out faces are on
both and are the truth. Seconds are those that the process worked.
"""

from __future__ import annotations

import argparse
import bisect
import csv
import io
import random
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from record import keep, kept
from torch.nn.functional import avg_pool2d

from saddlepoint.judging.named import scores_at

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
METRICS = ("psnr", "ssim", "l1", "frechet", "kernel", "class_accuracy", "sharpness")
AGES, ALIKE, CANDIDATES, PAIRED = (19, 30, 40, 50, 60), 0.05, 4, 800
Pixels = Any


class Task(NamedTuple):
    """What is trained on: `prepared(folder)` gives the path, and `options` are said beside it."""

    prepared: Callable[[Path], Path]
    options: tuple[str, ...]


def faces(folder: Path) -> Path:
    """The faces that are no copies, and labels.csv beside them."""
    with zipfile.ZipFile(DATA / "utkface" / "utkface_64.zip") as packed:
        names = sorted(name for name in packed.namelist() if name.endswith(".jpg"))
        read = [packed.read(name) for name in names]
    with (folder / "labels.csv").open("w", newline="") as table, zipfile.ZipFile(folder / "faces.zip", "w") as made:
        writer = csv.writer(table)
        writer.writerow(["file", "label"])
        for place in unlike(np.stack([pixels_of(one) for one in read])):
            name = Path(names[place]).name
            age, gender = map(int, name.split("_")[:2])
            made.writestr(name, read[place])
            writer.writerow([name, f"{'mf'[gender]}{bisect.bisect_right(AGES, age)}"])
    return folder / "faces.zip"


def unlike(images: Pixels) -> list[int]:
    """The places of images (N, H, W, 3) that are unlike all before them."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    small, copies = avg_pool2d(x, 4).flatten(1), set[int]()
    for place in range(len(x)):
        far = (small[:place] - small[place]).square().sum(1)
        for near in far.topk(min(CANDIDATES, place), largest=False).indices.tolist():
            if float((x[place] - x[near]).square().mean()) < ALIKE**2:
                copies.add(place)
    return [place for place in range(len(x)) if place not in copies]


def pixels_of(raw: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(raw)).convert("RGB"))


def between(change: Callable[[Pixels], Pixels]) -> Callable[[Path], Path]:
    """Two sides without pairs: faces, and other faces changed."""

    def prepared(folder: Path) -> Path:
        with zipfile.ZipFile(faces(folder)) as packed:
            names = packed.namelist()
            random.Random(0).shuffle(names)
            read = [Image.open(io.BytesIO(packed.read(name))).convert("RGB") for name in names]
        small = [np.asarray(face.resize((32, 32), Image.Resampling.BOX)) for face in read]
        held, trained = small[:PAIRED], small[PAIRED:]
        half = len(trained) // 2
        sides = {
            "trainA": trained[:half],
            "trainB": [change(face) for face in trained[half:]],
            "testA": held,
            "testB": [change(face) for face in held],
        }
        with zipfile.ZipFile(folder / "sides.zip", "w") as made:
            for side, images in sides.items():
                for number, image in enumerate(images):
                    made.writestr(f"{side}/{number:05}.png", png_of(image))
        return folder / "sides.zip"

    return prepared


def png_of(image: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(file, "PNG")
    return file.getvalue()


def _permuted(face: Pixels) -> Pixels:
    return face[..., [1, 2, 0]]


_LABELLED = ("--data.labels", "labels.csv", "--data.mirror", "true")
_ALONE = ("--game.adversarial", "0", "--game.distance", "1")
_ANEW = ("--network.added", "false", "--network.depth", "3")
TASKS = {
    "faces-downscale": Task(faces, (*_LABELLED, "--task", "downscale")),
    "faces-downscale-adversarial": Task(
        faces, (*_LABELLED, "--task", "downscale", "--recipe", "downscale-adversarial")
    ),
    "faces-edges": Task(faces, (*_LABELLED, "--task", "edges")),
    "faces-edges-alone": Task(faces, (*_LABELLED, "--task", "edges", *_ALONE, "--steps", "2500")),
    "faces-grey": Task(faces, (*_LABELLED, "--task", "grey")),
    "fashion-hole": Task(lambda folder: DATA / "FashionMNIST", ("--task", "hole")),
    "fashion-hole-alone": Task(lambda folder: DATA / "FashionMNIST", ("--task", "hole", *_ALONE, "--steps", "6000")),
    "people-edges": Task(
        lambda folder: DATA / "edges2people" / "edges2people.zip",
        ("--data.given", "right", "--data.size", "64", "--data.mirror", "true", "--steps", "800"),
    ),
    "faces-permuted": Task(between(_permuted), ()),
    "faces-permuted-cut": Task(between(_permuted), ("--recipe", "domains-cut")),
    "faces-permuted-unit": Task(between(_permuted), ("--recipe", "domains-unit")),
    "faces-negative": Task(between(lambda face: 255 - face), (*_ANEW, "--steps", "1000")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", help=f"of {', '.join(TASKS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", help="where the runs are kept; else they are thrown away")
    parser.add_argument("--table", action="store_true")
    told, more = parser.parse_known_args()
    if told.table:
        print(table())
        return
    for name in told.tasks or TASKS:
        measure(name, told.seed, told.out, more)


def measure(name: str, seed: int, out: str | None, more: Sequence[str]) -> None:
    """Train on a task and keep what it gets, beside what costs nothing."""
    with tempfile.TemporaryDirectory() as made:
        run = Path(out or made) / name
        seconds = trained(name, Path(made), run, seed, more)
        saddle("judge", str(run))
        scores = {one["metric"]: one for one in scores_at(str(run)) if one["metric"].removeprefix("back.") in METRICS}
    for metric, one in scores.items():
        told_of = {key: one.get(key) for key in ("value", "low", "high", "floor", "costless", "step")}
        keep("translation", task=name, seed=seed, seconds=seconds, options=list(more), metric=metric, **told_of)


def trained(name: str, folder: Path, run: Path, seed: int, more: Sequence[str]) -> float:
    """Prepare a task's data in a folder and train on it by its recipe; the seconds that this worked."""
    task = TASKS[name]
    path = str(task.prepared(folder))
    told = [str(folder / one) if one == "labels.csv" else one for one in task.options]
    before = worked()
    saddle("train", path, *told, *more, "--seed", str(seed), "--out", str(run))
    return worked() - before


def saddle(*words: str) -> None:
    alone = ("--run.threads", "1", "--run.judge", "0", "--watch.share", "0.01") if words[0] == "train" else ()
    subprocess.run([sys.executable, "-m", "saddlepoint", *words, *alone], check=True, stdout=subprocess.DEVNULL)


def worked() -> float:
    """Seconds that the processes started from here have worked."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def table() -> str:
    """What was kept last of each task, metric and seed, beside what costs nothing, as a table."""
    rows: dict[tuple[str, str], dict[int, dict[str, Any]]] = defaultdict(dict)
    for one in kept("translation"):
        if not one["options"]:
            rows[one["task"], one["metric"]][one["seed"]] = one
    head = ["task", "metric", "made, median [least, most]", "real data", "what costs nothing", "seconds of one core"]
    lines = [head, ["---"] * len(head), *(cells(list(by_seed.values())) for by_seed in rows.values())]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cells(seeds: list[dict[str, Any]]) -> list[str]:
    """A row of the table, of one result a seed: what stands beside them is the first seed's."""
    one, values = seeds[0], [seed["value"] for seed in seeds]
    cheap = ", ".join(f"{name} {short(value)}" for name, value in (one["costless"] or {}).items())
    spread = f" [{short(min(values))}, {short(max(values))}] of {len(values)}" if len(values) > 1 else ""
    seconds = f"{median(seed['seconds'] for seed in seeds):.0f}"
    return [one["task"], one["metric"], short(median(values)) + spread, short(one["floor"]), cheap, seconds]


def short(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


if __name__ == "__main__":
    main()
