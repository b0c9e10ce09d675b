"""How well does a generator that has seen whole pictures fill holes? Decibels against steps and starts.

python benchmarks/semantic_inpainting.py --data ../shared/data/FashionMNIST
python benchmarks/semantic_inpainting.py --data ../shared/data/FashionMNIST --run RUN --starts 1 --steps 100

Trains an unconditional GAN first unless the folder of one is given by --run, and fills a hole of half the height and
half the width in the centre of held-out pictures (Yeh et al. 2017). What is told is the peak signal-to-noise ratio
within the hole alone, of each picture by itself and then averaged, beside that of what costs nothing: the mean training
picture, the one whose rest is nearest, and linear ridge regression from the rest. The pictures are the last of those
held out, for the rate and the weight of the discriminator were chosen on the first 100. Seconds are those that the
process worked. Writes docs/semantic_inpainting.png: rows of what is given, the nearest sample, the filled picture, and
the truth.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import torch
from record import RESULTS, keep
from torch import Tensor

from saddlepoint import data, load
from saddlepoint.asking import Questions
from saddlepoint.data._holes import central
from saddlepoint.data._open import reader_of
from saddlepoint.judging.costless import costless
from saddlepoint.latent.invert import Inverted, invert
from saddlepoint.metrics.psnr import psnr
from saddlepoint.report.pictures import sheet
from saddlepoint.source import Stored
from saddlepoint.spec import IMAGE_UNITS, Spec

TRAINED = (
    "--recipe image --steps 4000 --game.generator_label none --game.discriminator_label none --run.judge 0 "
    "--watch.share 0 --run.threads 1"
)
TARGET, COLUMNS = 14.8, 10
PAGE = RESULTS.parent.parent / "docs" / "semantic_inpainting.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/FashionMNIST")
    parser.add_argument("--run")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--steps", type=int, nargs="*", default=[100, 300])
    parser.add_argument("--starts", type=int, nargs="*", default=[1, 4])
    parser.add_argument("--prior_weight", type=float, nargs="*", default=[1.0])
    told = parser.parse_args()
    torch.set_num_threads(1)
    named = {"data": Path(told.data).name, "pictures": told.pictures}
    real, known = shown(told.data, told.pictures)
    for name, filled in baselines(told.data, real, known):
        keep("semantic_inpainting", case=name, **named, psnr=decibels(real, filled, known))
    with tempfile.TemporaryDirectory() as folder:
        model = load(told.run or trained(told.data, Path(folder) / "run"), "last")
    for weight, steps, starts in product(told.prior_weight, told.steps, told.starts):
        options = {"steps": steps, "starts": starts, "prior_weight": weight}
        began = time.process_time()
        found = invert(model, real, known, **options)
        seconds = round((time.process_time() - began) / len(real), 3)
        row = {**measured(found, real, known), "seconds_a_picture": seconds}
        keep("semantic_inpainting", case="invert", **named, **options, trained=model.step, **row, target=TARGET)
    rows = [real * known + 0.5 * (1 - known), found.x, found.filled, real]
    sheet(PAGE, torch.cat([row[:COLUMNS] for row in rows]).numpy(), columns=COLUMNS)


def shown(path: str, count: int) -> tuple[Tensor, Tensor]:
    """The last held-out pictures (N, C, H, W), and what of them is known, (1, 1, H, W)."""
    held = data.build(reader_of(path), path).held_out()
    assert held is not None
    real = held.x[-count:]
    return real, central((real.shape[2], real.shape[3])).expand(1, 1, -1, -1)


def baselines(path: str, real: Tensor, known: Tensor) -> Iterator[tuple[str, Tensor]]:
    """What fills holes without a network, by name."""
    source = data.build(reader_of(path), path)
    x = source.real(30_000).x
    channels, *size = source.spec.shape
    given = Spec((channels + 1, *size), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    spec = replace(source.spec.unasked, given=given, keeps="places")
    stored = Stored(spec, x * 2 - 1, holed(x, known))
    for name, make in costless(stored, Questions(len(real), holed(real, known), None, real)):
        yield name, make()


def holed(x: Tensor, known: Tensor) -> Tensor:
    """Pictures (N, C + 1, H, W), grey where they are not known, with what is known as alpha."""
    return torch.cat([x * known + 0.5 * (1 - known), known.expand(len(x), -1, -1, -1)], dim=1)


def trained(path: str, out: Path) -> Path:
    """The folder of a GAN that was trained on whole pictures."""
    subprocess.run(
        [sys.executable, "-m", "saddlepoint", "train", path, *TRAINED.split(), "--out", str(out)], check=True
    )
    return out


def measured(found: Inverted, real: Tensor, known: Tensor) -> dict[str, float]:
    """Decibels of holes filled with the sample's gradients, and with its values."""
    return {
        "psnr": decibels(real, found.filled, known),
        "psnr_pasted": decibels(real, torch.where(known > 0, real, found.x), known),
        "context_error": round(float(found.errors.mean()), 5),
    }


def decibels(real: Tensor, filled: Tensor, known: Tensor) -> float:
    """The mean peak signal-to-noise ratio of pictures within the hole."""
    hole = (known == 0).expand_as(real)
    return round(float(psnr(*(one[hole].view(len(real), 1, 1, -1).numpy() for one in (real, filled)))), 3)


if __name__ == "__main__":
    main()
