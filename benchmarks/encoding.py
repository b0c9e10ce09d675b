"""How near do real samples come back from a generator's latents, by an encoder and by a search, and how fast?

python benchmarks/encoding.py
python benchmarks/encoding.py --run runs/digits-1

Trains the recipe `digits` first unless the folder of such a run is given by --run, then the recipe `digits-encoder` on
it, once for each of --seeds. What is told is the peak signal-to-noise ratio and the absolute error of all held-out
digits, their classes known, and the seconds that the process worked for all of them: by the encoder in one pass, by
`latent.invert` with and without the discriminator's term, and by what costs nothing, the mean training digit, of all
and of the class. Writes docs/encoding.png: rows of real digits, by the encoder, by the search.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import torch
from record import RESULTS, keep
from torch import Tensor

from saddlepoint import data, load
from saddlepoint.latent.encode import encode
from saddlepoint.latent.invert import invert
from saddlepoint.metrics.l1 import l1
from saddlepoint.metrics.psnr import psnr
from saddlepoint.report.pictures import sheet

QUIET = ["--run.judge", "0", "--run.threads", "1"]
PAGE, COLUMNS = RESULTS.parent.parent / "docs" / "encoding.png", 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run")
    parser.add_argument("--seeds", type=int, default=3)
    told = parser.parse_args()
    torch.set_num_threads(1)
    digits = data.build("digits")
    real, held = digits.real(digits.size or 0), digits.held_out()
    assert held is not None
    assert real.y is not None
    x, y = held.x, held.y
    means = torch.stack([real.x[real.y == label].mean(0) for label in range(10)])
    measured("mean", x, lambda: real.x.mean(0).expand_as(x))
    measured("mean of the class", x, lambda: means[y])
    with tempfile.TemporaryDirectory() as folder:
        run = told.run or trained(f"{folder}/digits", "--recipe", "digits")
        for seed in range(told.seeds):
            out, recipe = f"{folder}/encoder-{seed}", ["--recipe", "digits-encoder", "--model", run]
            model = load(trained(out, *recipe, "--seed", str(seed)))
            encoded = measured("encoder", x, lambda model=model: encode(model, x, y).x, seed=seed)
        model = load(run)
    searched = measured("invert", x, lambda: invert(model, x, None, y).x)
    measured("invert", x, lambda: invert(model, x, None, y, prior_weight=0.0).x, prior_weight=0)
    rows = [held.x[:COLUMNS], encoded[:COLUMNS], searched[:COLUMNS]]
    sheet(PAGE, torch.cat(rows).numpy(), columns=COLUMNS)


def trained(out: str, *told: str) -> str:
    """The folder of a run on digits."""
    subprocess.run([sys.executable, "-m", "saddlepoint", "train", "digits", *told, *QUIET, "--out", out], check=True)
    return out


def measured(case: str, x: Tensor, make: Callable[[], Tensor], **told: object) -> Tensor:
    """Samples that are to be as x (N, C, H, W), with their errors and the seconds they took kept."""
    began = time.process_time()
    made = make()
    seconds = round(time.process_time() - began, 3)
    parts = x.numpy(), made.numpy()
    errors = {"psnr": round(float(psnr(*parts)), 2), "l1": round(float(l1(*parts)), 4)}
    keep("encoding", case=case, **told, samples=len(x), **errors, seconds=seconds)
    return made


if __name__ == "__main__":
    main()
