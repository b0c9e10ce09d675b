"""Which networks pay at which time: plain ones, ones with styles, growing ones? And what do labels give?

python benchmarks/families.py --judge FOLDER --out kept       # three sets, 5 and 10 minutes
python benchmarks/families.py faces --minutes 10 --only image-stylegan2 --judge FOLDER --out kept
python benchmarks/families.py --table

Each is `saddle train SET --minutes M` in one thread, by the recipe that is taken where none is said, by the same
without labels, and by those of the families. Judged as in picture_peers.py, by the features of a ResNet that nobody
here trained, against held-out pictures; beside them what copying training pictures gets.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from picture_peers import SAMPLES, SCORES, SETS, Judge, reference, trained
from record import keep, kept
from torch import Tensor

from saddlepoint import load
from saddlepoint.configuration.building import source_of
from saddlepoint.report.pictures import sheet
from saddlepoint.saved.folder import RunFolder

PLACES = {"fashion": "FashionMNIST", "cifar10": SETS["cifar10"], "faces": SETS["faces"]}
PLAIN, UNLABELLED = "the default", "without labels"
FAMILIES = (PLAIN, UNLABELLED, "image-stylegan2", "image-progressive")
COLUMNS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(PLACES)}")
    parser.add_argument("--judge", help="the folder of the judge's code and weights")
    parser.add_argument("--data", default="../shared/data", help="where the sets are")
    parser.add_argument("--minutes", type=float, nargs="*", default=[5, 10])
    parser.add_argument("--only", nargs="*", default=FAMILIES, help=f"of {', '.join(FAMILIES)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", help="where the runs and the sheets are kept")
    parser.add_argument("--table", action="store_true")
    told = parser.parse_args()
    if told.table:
        print(table())
        return
    if not (told.judge and told.out):
        parser.error("--judge FOLDER and --out FOLDER: say where its code is, and where to keep the runs")
    torch.set_num_threads(1)
    judge = Judge(Path(told.judge))
    for name in told.sets or PLACES:
        for minutes in told.minutes:
            for family in told.only:
                measured(name, Path(told.data) / PLACES[name], minutes, family, told.seed, judge, Path(told.out))


def measured(name: str, data: Path, minutes: float, family: str, seed: int, judge: Judge, out: Path) -> None:
    """Keep the scores of one run, and a sheet of its samples."""
    run = out / f"{name}-{minutes:g}-{Path(family).stem.replace(' ', '-')}-{seed}"
    more = [] if family in (PLAIN, UNLABELLED) else ["--recipe", family]
    if family == UNLABELLED:
        data, labels = without_labels(data, out)
        more += labels
    seconds = trained(data, run, minutes, seed, more)
    source, model = source_of(RunFolder(run).config()["data"]), load(run, "last")
    real = coloured(reference(source))
    known, count = judge.features(real), min(SAMPLES, len(real))
    copies = judge.scores(known, judge.features(coloured(source.real(count).x)))
    x = coloured(model.sample(count, seed=seed))
    width = RunFolder(run).config()["network"]["width"]
    told = {"set": name, "minutes": minutes, "family": family, "seed": seed}
    scores = judge.scores(known, judge.features(x))
    keep("families", **told, seconds=seconds, steps=model.step, width=width, **scores, copies=copies)
    sheet(run.with_suffix(".png"), x[: COLUMNS**2].numpy(), columns=COLUMNS)


def without_labels(data: Path, out: Path) -> tuple[Path, list[str]]:
    """The same pictures where no labels lie beside them, and the options that leave others out."""
    if not data.is_dir():
        return data, ["--data.labels", "none"]
    (alone := out / f"{data.name}-alone").mkdir(parents=True, exist_ok=True)
    for file in data.glob("*images*"):
        if not (alone / file.name).exists():
            (alone / file.name).symlink_to(file.resolve())
    return alone, []


def coloured(x: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) of grey ones (N, 1, H, W), or as they are."""
    return x.expand(-1, 3, -1, -1)


def table() -> str:
    """What was kept of each set and time: the families, with the means of their scores over seeds."""
    found: dict[tuple[str, float], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for one in kept("families"):
        found[one["set"], one["minutes"]][one["family"]].append(one)
    return "\n\n".join("\n".join(lines(*case, rows)) for case, rows in found.items())


def lines(name: str, minutes: float, rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    made = [f"| {name}, {minutes:g} min | steps | {' | '.join(SCORES)} |", f"| {' | '.join(['---'] * 6)} |"]
    for family, found in rows.items():
        values = [f"{mean(one[score] for one in found):.3g}" for score in SCORES]
        made.append(f"| {family} | {mean(one['steps'] for one in found):,.0f} | {' | '.join(values)} |")
    copies = next(iter(rows.values()))[-1]["copies"]
    return [*made, f"| copies |  | {' | '.join(f'{copies[score]:.3g}' for score in SCORES)} |"]


if __name__ == "__main__":
    main()
