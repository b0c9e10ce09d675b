"""Pictures of 256x256: is a step within the memory that is told, and do larger ones in tiles come out without seams?

python benchmarks/large_pictures.py            # every case, at a batch as small as may be and at its recipe's
python benchmarks/large_pictures.py unet cut   # some of them

Cats and dogs of 128 pixels, enlarged to 256. Each training is a process of its own: `peak_mb` is its peak of resident
memory less that of one that trains a toy, beside what it told before its first step. Of each model a picture of 300x420
is made in tiles and, by the same weights, as a whole: `apart` is the greatest difference. `seam` is how many times as
much neighbouring pixels differ where tiles begin to count or end as they do in the whole, beside the same elsewhere: 1
of what has no seams. `laid` is that of tiles laid side by side. Both pictures are kept below --pictures.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from record import keep
from torch import Tensor

from saddlepoint import load, tasks, translated
from saddlepoint.configuration.building import game_of
from saddlepoint.forms.image import pillow
from saddlepoint.runs.tiles import Side
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.model import Model
from saddlepoint.spec import Spec

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "catsdogs" / "catsdogs_128.zip"
SIDE, PICTURES, LARGE = 256, 24, (300, 420)
STEPS, USUAL, FEW, MOST_MB, TARGET = 6, 16, 1, 4000, 0.25
RESNET = ("--network", "resnet", "--network.width", "32")
QUIET = ("--run.judge", "0", "--watch.share", "0", "--run.threads", "2")


class Case(NamedTuple):
    """What is said to train on a folder of pictures, and how few a batch may be of."""

    said: tuple[str, ...]
    least: int = 1


CASES = {
    "unet": Case(("photos", "--task", "edges")),
    "resnet": Case(("photos", "--task", "edges", *RESNET, "--network.field", "70")),
    "srresnet": Case(("photos", "--task", "downscale", "--game.adversarial", "0.01")),
    "inpainting": Case(("photos", "--task", "hole", "--game", "inpainting")),
    "cyclegan": Case(("sides",), 2),
    "cut": Case(("sides", "--game", "cut"), 2),
    "unit": Case(("sides", "--game", "unit", *RESNET), 2),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--pictures", type=Path, help="a folder for what is made in tiles and as a whole")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        large = prepared(where)
        program = trained(("digits", "--run.steps", "1", *QUIET), where / "program")[1]
        for case in told.cases or CASES:
            for found in at_batches(case, where, program):
                keep("large_pictures", case=case, target=TARGET, **found)
            made = in_two_ways(where / case, large)
            keep("large_pictures", case=case, picture=LARGE, **compared(*made))
            if told.pictures:
                told.pictures.mkdir(parents=True, exist_ok=True)
                pillow(torch.cat(made, dim=3)[0]).save(told.pictures / f"{case}.png")


def prepared(folder: Path) -> Tensor:
    """Writes photos and sides below a folder; a larger picture (1, 3, H, W) in [0, 1] that is in neither."""
    with zipfile.ZipFile(DATA) as packed:
        named = sorted(name for name in packed.namelist() if name.endswith(".jpg"))
        for side, kind in zip("AB", ("/cats/", "/dogs/"), strict=True):
            for name in [one for one in named if kind in one][1 : PICTURES + 1]:
                picture = enlarged(packed.read(name), (SIDE, SIDE))
                for below in ("photos", f"sides/train{side}"):
                    file = folder / below / f"{Path(name).stem}.png"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    picture.save(file)
        return torch.tensor(np.asarray(enlarged(packed.read(named[0]), LARGE))).permute(2, 0, 1)[None] / 255


def enlarged(raw: bytes, size: tuple[int, int]) -> Image.Image:
    return Image.open(io.BytesIO(raw)).convert("RGB").resize(size[::-1], Image.Resampling.BICUBIC)


def at_batches(case: str, where: Path, program: int) -> Iterator[dict[str, Any]]:
    """What is told and what is taken, at the least batch and at the recipes', where there is room for it."""
    said, least = CASES[case]
    for batch, steps in ((least, STEPS), (USUAL, FEW)):
        options = ("--run.batch", str(batch), "--run.steps", str(steps))
        told, most = trained((*said, *QUIET, *options), where / (case if batch == least else f"{case}-{batch}"))
        peak = (most - program) / 2**20
        yield {"batch": batch, "told_mb": told[0], "peak_mb": round(peak), "ratio": round(told[0] / peak, 2)}
        if (wanted := told[1] + told[2] * USUAL / batch) > MOST_MB:
            print(f"{case}: a batch of {USUAL} is left out: it would take about {wanted:,.0f} MB", flush=True)
            return


def trained(said: Sequence[str], out: Path) -> tuple[list[float], int]:
    """The MB that `saddle train` tells, all, state and graph, and its peak of resident memory in bytes."""
    command = [sys.executable, "-m", "saddlepoint", "train", *said, "--out", str(out)]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, cwd=out.parent)
        _, status, used = os.wait4(process.pid, 0)
        output.seek(0)
        told = re.search(r"memory: about (\S+) MB \((\S+) MB .*?, (\S+) MB a step", output.read())
    if status or not told:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    return [float(one.replace(",", "")) for one in told.groups()], 1024 * used.ru_maxrss


def in_two_ways(run: Path, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What a run makes of a picture in tiles, as a whole, and in tiles laid side by side, (1, C, H, W) each."""
    model, config = load(run), RunFolder(run).config()
    spec = replace(model.spec, shape=(3, *LARGE))
    given = picture
    if "task" in config:
        name, *options = config["task"].items()
        task = tasks.build(name[1], spec.unasked, **dict(options))
        spec = replace(spec, given=task.given)
        given = task.given.units.own(task.leave(spec.units.seen(picture), torch.Generator().manual_seed(0)))
    whole = as_large(model, config, spec).translate(given)
    return translated(model, given), whole, laid(model, given)


def as_large(model: Model, config: dict[str, Any], spec: Spec) -> Model:
    """The same weights in networks for larger pictures; a pool of fakes, which is not asked, is left empty."""
    game, had = game_of(config, spec), model.game.state_dict()
    mine = game.state_dict()
    game.load_state_dict({name: had[name] if had[name].shape == own.shape else own for name, own in mine.items()})
    return Model(game.eval(), spec, model.step)


def laid(model: Model, given: Tensor) -> Tensor:
    """Tiles side by side, the last of a row or column as far over the one before as it must be."""
    tile, made = model.takes.shape[1:], model.spec.shape[1:]
    rows = []
    for y in (0, given.shape[2] - tile[0]):
        one, other = (
            model.translate(given[..., y : y + tile[0], x : x + tile[1]]) for x in (0, given.shape[3] - tile[1])
        )
        rows.append(torch.cat([one, other[..., 2 * made[1] - LARGE[1] :]], dim=3))
    return torch.cat([rows[0], rows[1][:, :, 2 * made[0] - LARGE[0] :]], dim=2)


def compared(tiles: Tensor, whole: Tensor, beside: Tensor) -> dict[str, float]:
    """How far tiles are from the whole, and what is seen where they meet."""
    sides = [Side(length, SIDE, SIDE) for length in LARGE]
    bends = [sorted({start + at for start in side.starts for at in _bends(side.weights(start))}) for side in sides]
    return {
        "apart": float(f"{float((tiles - whole).abs().max()):.1e}"),
        "apart_mean": float(f"{float((tiles - whole).abs().mean()):.1e}"),
        "seam": round(seam(tiles, whole, bends), 3),
        "laid": round(seam(beside, whole, [[SIDE]] * 2), 3),
    }


def _bends(weights: Tensor) -> list[int]:
    """Where what a tile counts begins to rise or fall, or ends to."""
    return [int(place) + 1 for place in (weights.diff().diff().abs() > 1e-6).nonzero()[:, 0]]


def seam(made: Tensor, whole: Tensor, places: Sequence[Sequence[int]]) -> float:
    """How many times as much as the whole's the pixels beside some places differ, over the same of all others."""
    found = []
    for dim, at in zip((2, 3), places, strict=True):
        ours, its = (one.diff(dim=dim).abs().mean((0, 1, 5 - dim)) for one in (made, whole))
        there = torch.zeros(len(ours), dtype=torch.bool)
        there[[place - 1 for place in at]] = True
        found.append(ours[there].mean() / its[there].mean() / (ours[~there].mean() / its[~there].mean()))
    return float(torch.stack(found).mean())


if __name__ == "__main__":
    main()
