"""Does a creative adversarial network make what is of no style, and does it still look real?

python benchmarks/creative.py --out kept                                  # FashionMNIST, 6 minutes of one core each
python benchmarks/creative.py --data PICTURES --minutes 10 --ambiguity 1 5 --out kept

The plain game without labels and `--game can` at several weights of its ambiguity, for as long. A classifier of the
styles, trained on real pictures for this alone, tells how unsure it is of samples, of 1 for all styles being as likely
(`entropy`). How real they look is told by a classifier that knows no styles: it learns to tell samples from real
pictures, and `told apart` is how often it is right of others. Beside them stand held-out real pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from picture_peers import trained
from record import keep
from torch import Tensor

from saddlepoint import load
from saddlepoint.classifier import Classifier
from saddlepoint.configuration.building import source_of
from saddlepoint.metrics.class_entropy import class_entropy
from saddlepoint.report.pictures import sheet
from saddlepoint.saved.folder import RunFolder

SAMPLES, SHOWN, COLUMNS = 10_000, 60, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/FashionMNIST")
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--ambiguity", type=float, nargs="*", default=[1.0, 5.0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", required=True, help="where the runs and the sheets are kept")
    told = parser.parse_args()
    torch.set_num_threads(1)
    ways = {"plain": ["--game.generator_label", "none", "--game.discriminator_label", "none"]}
    ways |= {f"can {weight:g}": ["--game", "can", "--game.ambiguity", str(weight)] for weight in told.ambiguity}
    for way, more in ways.items():
        run = Path(told.out) / f"creative-{way.replace(' ', '-')}-{told.seed}"
        if not run.exists():
            trained(Path(told.data), run, told.minutes, told.seed, more)
        judged(way, run, told.minutes, told.seed)


def judged(way: str, run: Path, minutes: float, seed: int) -> None:
    """Keep how unsure of its style and how far from real a run's samples are, and show those of the least style."""
    source, model = source_of(RunFolder(run).config()["data"]), load(run, "last")
    known, held = source.real(source.size or SAMPLES), source.held_out()
    assert known.y is not None
    assert held is not None
    styles = Classifier.fit(known.x.numpy(), known.y.numpy(), len(source.spec.classes), seed=seed)
    x = model.sample(SAMPLES, seed=seed)
    entropy = class_entropy(styles.probabilities(x.numpy()))
    real = class_entropy(styles.probabilities(held.x.numpy()))
    scores = {"entropy": round(float(entropy), 4), "real entropy": round(float(real), 4)}
    apart = round(told_apart(x, known.x[:SAMPLES], seed), 4)
    keep("creative", way=way, minutes=minutes, seed=seed, steps=model.step, **scores, **{"told apart": apart})
    sheet(run.with_suffix(".png"), x[unsure(styles, x)[:SHOWN]].numpy(), columns=COLUMNS)


def unsure(styles: Classifier, x: Tensor) -> Tensor:
    """The places of samples (N,), those of the least certain style first."""
    p = torch.as_tensor(styles.probabilities(x.numpy()))
    return torch.special.entr(p).sum(1).argsort(descending=True)


def told_apart(fake: Tensor, real: Tensor, seed: int) -> float:
    """How often a classifier that saw half of both is right of the other half."""
    size = min(len(fake), len(real)) // 2
    seen, other = (torch.cat([real[part], fake[part]]).numpy() for part in (slice(size), slice(size, 2 * size)))
    is_fake: NDArray[np.integer] = np.repeat([0, 1], size)
    judge = Classifier.fit(seen, is_fake, 2, seed=seed)
    return float((judge.probabilities(other).argmax(1) == is_fake).mean())


if __name__ == "__main__":
    main()
