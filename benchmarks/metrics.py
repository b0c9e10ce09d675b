"""How exact, how fast and how frugal are the metrics?

python benchmarks/metrics.py           10,000 x 2048: the Frechet distance; peak memory of density_coverage
python benchmarks/metrics.py --large   50,000 x 2048: peak memory of each metric of features; takes an hour or more
python benchmarks/metrics.py --peers   10,000 x 2048: times beside torch-fidelity's and prdc's (pip install them), turn
                                       by turn; prdc makes precision, recall, density and coverage in one call

The Frechet distance is compared with one by the singular values of two matrix roots, in float64, and timed turn by turn
with torchmetrics (pip install -c constraints.txt torchmetrics), which is given the features in batches, as it is used:
`whole` is ours over theirs, `over_compute` ours over theirs once it has both covariances. It tells no interval; ours is
found when it is read, and `interval` is what that takes, over theirs. Peaks are those of processes of their own, also
`above` what they held before the metric was called: imports and features.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import torch
from loop import seconds, spread
from numpy.typing import NDArray
from record import keep

Array = NDArray[Any]

BATCH = 100
AGREEMENT, TIME, MEMORY, LARGE = 1e-9, 1 / 3, 0.1, 6 * 2**30
PEER, PEER_NEIGHBOURS = 0.4, 0.6
METRICS = [
    "frechet",
    "kernel",
    "precision_recall",
    "density_coverage",
    "classifier_two_sample",
    "nearest_neighbour_two_sample",
    "wasserstein",
    "sliced_wasserstein",
    "ndb",
    "memorisation",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--features", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--large", action="store_true", help="the peak memory of each metric at 50,000 samples")
    parser.add_argument("--peers", action="store_true", help="beside torch-fidelity and prdc")
    parser.add_argument("--only", nargs="*", default=METRICS, help="with --large: these metrics")
    parser.add_argument("--child", choices=[*METRICS, "full_matrix"], help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.child:
        print(json.dumps(measured(told.child, told.samples, told.features)))
        return
    torch.set_num_threads(told.threads)
    if told.peers:
        beside_peers(told.samples, told.features, told.rounds)
        return
    if told.large:
        for name in told.only:
            found = child(name, 50_000, told.features)
            keep("metrics", case="large", metric=name, target_mb=LARGE // 2**20, samples=50_000, **found)
        return
    # First, since a process starts with the peak of the one that made it.
    ours, full = (child(name, told.samples, 64) for name in ("density_coverage", "full_matrix"))
    ratio = round(ours["above_mb"] / full["above_mb"], 4)
    keep("metrics", case="memory", ratio=ratio, target=MEMORY, samples=told.samples, ours=ours, full_matrix=full)
    keep("metrics", case="frechet", **compare(told.samples, told.features, told.rounds), target=TIME)


def compare(samples: int, width: int, rounds: int) -> dict[str, Any]:
    """Both, turn by turn after a round that is not counted."""
    from saddlepoint.metrics.frechet import frechet

    real, fake = pair(samples, width)
    whole, alone, interval, found = [], [], [], {}
    for _ in range(rounds + 1):
        began = time.perf_counter()
        estimate = frechet(real, fake)
        ours = time.perf_counter() - began
        found["ours"] = float(estimate)
        assert estimate.low is not None
        read = time.perf_counter() - began - ours
        began = time.perf_counter()
        theirs = given(real, fake)
        middle = time.perf_counter()
        found["theirs"] = float(theirs.compute())
        end = time.perf_counter()
        whole.append((ours, end - began))
        alone.append((ours, end - middle))
        interval.append((read, end - began))
    exact = reference(real, fake)
    return {
        "agreement": {name: float(f"{abs(value - exact) / exact:.1e}") for name, value in found.items()},
        "agreement_target": AGREEMENT,
        "whole": spread([ours / theirs for ours, theirs in whole[1:]]),
        "over_compute": spread([ours / theirs for ours, theirs in alone[1:]]),
        "interval": spread([ours / theirs for ours, theirs in interval[1:]]),
        "seconds": {"ours": round(whole[-1][0], 2), "theirs": round(whole[-1][1], 2)},
        "samples": samples,
        "features": width,
        "batch": BATCH,
    }


def beside_peers(samples: int, width: int, rounds: int) -> None:
    """Ours over the fastest peer's, for each metric that a peer has."""
    from prdc import compute_prdc
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
    from torch_fidelity.metric_prc import calculate_precision_recall_full

    from saddlepoint.metrics import _neighbours
    from saddlepoint.metrics.density_coverage import density_coverage
    from saddlepoint.metrics.frechet import frechet
    from saddlepoint.metrics.precision_recall import precision_recall

    real, fake = pair(samples, width)
    tensors = [torch.from_numpy(side) for side in (real, fake)]

    def anew(metric: Callable[[Array, Array], object]) -> Callable[[], object]:
        def ours() -> object:
            _neighbours._walked.clear()
            return metric(real, fake)

        return ours

    def fidelity() -> object:
        return fid_statistics_to_metric(*(fid_features_to_statistics(side) for side in tensors), verbose=False)

    def all_four() -> object:
        with contextlib.redirect_stdout(io.StringIO()):
            return compute_prdc(real, fake, nearest_k=5)

    cases = {
        "frechet": (lambda: float(frechet(real, fake)), {"torch-fidelity": fidelity}, PEER),
        "density_coverage": (anew(density_coverage), {"prdc": all_four}, PEER_NEIGHBOURS),
        "precision_recall": (
            anew(precision_recall),
            {"prdc": all_four, "torch-fidelity": lambda: calculate_precision_recall_full(*reversed(tensors))},
            PEER_NEIGHBOURS,
        ),
    }
    for name, (ours, theirs, target) in cases.items():
        timed = [[seconds(one) for one in (ours, *theirs.values())] for _ in range(rounds + 1)][1:]
        ratio = spread([mine / min(others) for mine, *others in timed])
        last = dict(zip(("ours", *theirs), (round(one, 2) for one in timed[-1]), strict=True))
        told = {"samples": samples, "features": width, "threads": torch.get_num_threads()}
        keep("metrics", case=f"{name} beside peers", ratio=ratio, target=target, seconds=last, **told)


def pair(samples: int, width: int) -> tuple[Array, Array]:
    """Features that belong together, as a network's do, of two distributions near each other."""
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(width, width)) / np.sqrt(width) * np.linspace(0.05, 1.5, width)
    real = (rng.normal(size=(samples, width)) @ mixed).astype(np.float32)
    return real, (1.1 * rng.normal(size=(samples, width)) @ mixed + 0.02).astype(np.float32)


class Itself(torch.nn.Identity):
    """Features as their own features."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.num_features = width


def given(real: Array, fake: Array) -> Any:
    """torchmetrics' distance with all batches taken in."""
    from torchmetrics.image.fid import FrechetInceptionDistance

    distance = FrechetInceptionDistance(feature=Itself(real.shape[1]))
    for side in (real, fake):
        for batch in torch.from_numpy(side).split(BATCH):
            distance.update(batch, real=side is real)
    return distance


def reference(real: Array, fake: Array) -> float:
    """By the singular values of the product of two roots, each by its own eigenvectors."""
    from scipy.linalg import eigh, svdvals

    sides = [(x.mean(axis=0, dtype=np.float64), np.cov(x.T.astype(np.float64))) for x in (real, fake)]
    roots = []
    for _, covariance in sides:
        values, vectors = eigh(covariance)
        roots.append(vectors * np.sqrt(values.clip(0)) @ vectors.T)
    apart = np.square(sides[0][0] - sides[1][0]).sum()
    return float(apart + sum(np.trace(c) for _, c in sides) - 2 * svdvals(roots[0] @ roots[1]).sum())


def child(name: str, samples: int, width: int) -> dict[str, Any]:
    """What a process of its own says of one metric."""
    command = [sys.executable, __file__, "--child", name, "--samples", str(samples), "--features", str(width)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(name: str, samples: int, width: int) -> dict[str, Any]:
    """The peak of a metric in MiB, that above what was held before it, and its seconds."""
    metric = full_matrix if name == "full_matrix" else getattr(import_module(f"saddlepoint.metrics.{name}"), name)
    rng = np.random.default_rng(0)
    real, fake = (rng.standard_normal((samples, width), np.float32) for _ in range(2))
    few = max(width // 4, 200)
    others = (fake[:few],) if name == "memorisation" else ()
    if name != "frechet":
        # What it imports when first called, and the threads it starts, are no part of it.
        metric(real[:few], fake[:few], *others)
    before, began = peak(), time.perf_counter()
    repr(metric(real, fake, *others))  # with its intervals
    seconds, most = round(time.perf_counter() - began, 1), peak()
    return {"peak_mb": most // 2**20, "above_mb": (most - before) // 2**20, "seconds": seconds}


def full_matrix(real: Array, fake: Array) -> tuple[float, float]:
    """Density and coverage by their definition, with all distances at once."""
    radii = np.partition(distances(real, real), 5, axis=1)[:, 5]
    across = distances(real, fake)
    return float((across < radii[:, None]).sum() / 5 / len(fake)), float((across.min(axis=1) < radii).mean())


def distances(x: Array, y: Array) -> Array:
    x, y = x.astype(np.float64), y.astype(np.float64)
    squared = np.square(x).sum(axis=1)[:, None] + np.square(y).sum(axis=1) - 2 * x @ y.T
    return np.sqrt(squared.clip(0, out=squared), out=squared)


def peak() -> int:
    """The most memory this process has had so far, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


if __name__ == "__main__":
    main()
