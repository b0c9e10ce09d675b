"""Does augmentation help where pictures are few?

python benchmarks/augmentation.py --judge FOLDER                    # 500 pictures of two sets, three seeds each
python benchmarks/augmentation.py faces --seeds 1 --minutes 3 --judge FOLDER
python benchmarks/augmentation.py --table

Of each set 500 random pictures are trained on, without labels, by `saddle train --minutes M` in one thread: as they
are, with `--regularizer r1,diff_augment` and with `r1,ada`. Judged as in picture_peers.py, by the features of a ResNet
that nobody here trained, against 5,000 other pictures of the set. Beside them what copying the 500 gets, each as often,
and what as many other real pictures get.
"""

from __future__ import annotations

import argparse
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from picture_peers import SCORES, SETS, Judge, trained
from PIL import Image
from record import keep, kept
from torch import Tensor

from saddlepoint import load
from saddlepoint.configuration.building import data_table, source_of
from saddlepoint.report.pictures import sheet
from saddlepoint.saved.folder import RunFolder

FEW, MANY, COLUMNS = 500, 5000, 10
WAYS = {
    "as they are": [],
    "diff_augment": ["--regularizer", "r1,diff_augment"],
    "ada": ["--regularizer", "r1,ada"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)}; faces and cifar10 where none is said")
    parser.add_argument("--judge", help="the folder of the judge's code and weights")
    parser.add_argument("--data", default="../shared/data", help="where the sets are")
    parser.add_argument("--minutes", type=float, default=7)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", help="where the runs and the sheets are kept; else they are thrown away")
    parser.add_argument("--table", action="store_true")
    told = parser.parse_args()
    if told.table:
        print(table())
        return
    if not told.judge:
        parser.error("--judge FOLDER: say where its code is")
    torch.set_num_threads(1)
    judge = Judge(Path(told.judge))
    with tempfile.TemporaryDirectory() as made:
        for name in told.sets or ("faces", "cifar10"):
            few, many = parted(Path(told.data) / SETS[name])
            folder = written(few, Path(made) / f"{name}.zip")
            features = judge.features(many[:MANY])
            for seed in range(told.seeds):
                for way, options in WAYS.items():
                    run = Path(told.out or made) / f"{name}-{way.replace(' ', '-')}-{seed}"
                    trained(folder, run, told.minutes, seed, options)
                    model = load(run, "last")
                    x = model.sample(MANY, seed=seed)
                    sheet(run.with_suffix(".png"), x[: COLUMNS**2].numpy(), columns=COLUMNS)
                    lines = RunFolder(run).lines("scalars")
                    strength = lines[-1].get("discriminator/strength")
                    scores = judge.scores(features, judge.features(x))
                    tell(name, way, told.minutes, seed, steps=model.step, strength=strength, **scores)
            copies, others = few.repeat(MANY // FEW, 1, 1, 1), many[MANY : 2 * MANY]
            for who, x in (("copies", copies), ("real", others if len(others) >= MANY // 2 else many[-MANY // 2 :])):
                tell(name, who, told.minutes, 0, steps=0, **judge.scores(features, judge.features(x)))


def tell(name: str, way: str, minutes: float, seed: int, **told: Any) -> None:
    keep("augmentation", set=name, way=way, pictures=FEW, minutes=minutes, seed=seed, **told)


def parted(data: Path) -> tuple[Tensor, Tensor]:
    """500 random pictures (500, 3, H, W) in [0, 1], and all others."""
    source = source_of(data_table(str(data), {}))
    held = source.held_out()
    everything = [source.real(source.size or MANY).x, *([held.x] if held is not None else [])]
    x = torch.cat(everything)
    x = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))]
    return x[:FEW], x[FEW:]


def written(x: Tensor, file: Path) -> Path:
    """Pictures as a zip of PNGs, all of them to be trained on but the few that are held out."""
    with zipfile.ZipFile(file, "w") as packed:
        for number, image in enumerate((x * 255).round().byte().permute(0, 2, 3, 1).numpy()):
            with packed.open(f"{number:04}.png", "w") as to:
                Image.fromarray(image).save(to, "PNG")
    return file


def table() -> str:
    """What was kept: the means over seeds, and how many seeds were better than without."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in kept("augmentation"):
        found[one["set"], one["way"]].append(one)
    lines = [f"| set | way | seeds | {' | '.join(SCORES)} | nearer than without |"]
    lines.append(f"|{' --- |' * (len(SCORES) + 4)}")
    for (name, way), rows in found.items():
        plain = {one["seed"]: one["distance"] for one in found[name, "as they are"]}
        nearer = sum(one["distance"] < plain.get(one["seed"], 0.0) for one in rows)
        cells = [f"{mean(one[score] for one in rows):.3g}" for score in SCORES]
        beside = f"{nearer} of {len(rows)}" if way in WAYS else ""
        lines.append(f"| {' | '.join([name, way, str(len(rows)), *cells, beside])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
