"""What do pictures reach beside the most used code, in equal seconds of one core?

python benchmarks/picture_peers.py --peer FOLDER --judge FOLDER                   # every set, 20 minutes each
python benchmarks/picture_peers.py cifar10 --minutes 7 --seed 1 --peer FOLDER --judge FOLDER --out kept
python benchmarks/picture_peers.py --table                                        # what was kept, as a table

The peer's folder holds the code of github.com/eriklindernoren/PyTorch-GAN, which wants torchvision; that of the judge
github.com/akamaster/pytorch_resnet_cifar10 with its trained ResNet-56. `saddle train SET --minutes M` runs in one
thread, without judging. As many seconds as it worked, its start included, each of the peer's scripts is then run as it
stands, in this process, one thread too: its own networks, its own loop, its own options but those of the data
(`--img_size`, `--channels`). It gets the training pictures ready in memory, which its own reading would have to decode.

All are judged by the same code: features of the ResNet-56, which was trained on CIFAR-10 by somebody else and seen by
nobody here, its means over places, so that it takes any size. Scores are against held-out pictures, or, of sets that
hold out fewer than 2,000, against all pictures. Beside them what costs nothing gets, samples of one Gaussian of the
training pictures' values, and what real data gets: training pictures in the place of samples, which is what copying
them would get too.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from record import keep, kept
from torch import Tensor, nn
from torch.nn.functional import relu

from saddlepoint import load
from saddlepoint.configuration.building import source_of
from saddlepoint.metrics.density_coverage import density_coverage
from saddlepoint.metrics.frechet import frechet
from saddlepoint.metrics.precision_recall import precision_recall
from saddlepoint.report.pictures import sheet
from saddlepoint.saved.folder import RunFolder
from saddlepoint.source import Source

SETS = {
    "cifar10": "cifar10/cifar10_jpeg.zip",
    "faces": "utkface/utkface_64.zip",
    "hands": "sign_digits/sign_digits_64.zip",
    "catsdogs": "catsdogs/catsdogs_128.zip",
}
SCRIPTS = ("dcgan", "wgan_gp")
OURS, PEER = "saddlepoint", "PyTorch-GAN"
SAMPLES, LEAST, PART, COLUMNS = 5000, 2000, 128, 10

Array = NDArray[np.floating]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)}")
    parser.add_argument("--peer", help="the folder of the peer's code")
    parser.add_argument("--judge", help="the folder of the judge's code and weights")
    parser.add_argument("--data", default="../shared/data", help="where the sets are")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", help="where the runs and the sheets are kept; else they are thrown away")
    parser.add_argument("--table", action="store_true")
    told, more = parser.parse_known_args()
    if told.table:
        print(table())
        return
    if not (told.peer and told.judge):
        parser.error("--peer FOLDER and --judge FOLDER: say where their code is")
    torch.set_num_threads(1)
    judge = Judge(Path(told.judge))
    with tempfile.TemporaryDirectory() as made:
        for name in told.sets or SETS:
            contest = Contest(name, told.minutes, told.seed, judge, Path(told.out or made))
            contest.played(Path(told.data) / SETS[name], Path(told.peer), more)


class Judge:
    """Features of the ResNet-56, and scores by them."""

    def __init__(self, folder: Path) -> None:
        sys.path.insert(0, str(folder.resolve()))
        self.network: nn.Module = importlib.import_module("resnet").resnet56()
        (file,) = folder.glob("**/resnet56*.th")
        weights = torch.load(file, map_location="cpu", weights_only=False)["state_dict"]
        self.network.load_state_dict({name.removeprefix("module."): value for name, value in weights.items()})
        self.network.eval()

    @torch.no_grad()
    def features(self, x: Tensor) -> Array:
        """Features (N, 64) of pictures (N, 3, H, W) in [0, 1]."""
        mean, std = (torch.tensor(one).view(3, 1, 1) for one in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
        net: Any = self.network
        found = [
            net.layer3(net.layer2(net.layer1(relu(net.bn1(net.conv1((part - mean) / std)))))).mean((2, 3))
            for part in x.float().split(PART)
        ]
        return torch.cat(found).double().numpy()

    def scores(self, real: Array, fake: Array) -> dict[str, float]:
        """Distance, precision, recall and coverage."""
        near, full = precision_recall(real, fake), density_coverage(real, fake)
        found = {"distance": frechet(real, fake), **near._asdict(), "coverage": full.coverage}
        return {name: round(float(value), 4) for name, value in found.items()}


class Contest:
    """One set, in which all get as long."""

    def __init__(self, name: str, minutes: float, seed: int, judge: Judge, out: Path) -> None:
        self.name, self.minutes, self.seed, self.judge, self.out = name, minutes, seed, judge, out

    def played(self, data: Path, peer: Path, more: Sequence[str]) -> None:
        """Ours, then each of the peer's scripts for as long, then what stands beside."""
        run = self.out / f"{self.name}-{self.minutes:g}-{self.seed}"
        seconds = trained(data, run, self.minutes, self.seed, more)
        source, model = source_of(RunFolder(run).config()["data"]), load(run, "last")
        self.real = reference(source)
        self.features = self.judge.features(self.real)
        count = min(SAMPLES, len(self.real))
        width = RunFolder(run).config()["network"].get("width")
        x = model.sample(count, seed=self.seed)
        self.tell(x, who=OURS, seconds=seconds, steps=model.step, settings=[f"width {width}", *more])
        training = source.real(source.size or count).x
        for script in SCRIPTS:
            x, steps = self.theirs(peer, script, training, seconds, count)
            self.tell(x, who=f"{PEER} {script}", seconds=seconds, steps=steps, settings=[])
        for who, x in (("gaussian", gaussian(training, count, self.seed)), ("real", training[:count])):
            self.tell(x, who=who, seconds=0, steps=0, settings=[])

    def tell(self, x: Tensor, **told: Any) -> None:
        """Keep the scores of samples (N, 3, H, W) in [0, 1], and a sheet of them."""
        scores = self.judge.scores(self.features, self.judge.features(x))
        keep("picture_peers", set=self.name, minutes=self.minutes, seed=self.seed, **told, **scores)
        who = told["who"].replace(" ", "-")
        file = self.out / f"{self.name}-{self.minutes:g}-{self.seed}-{who}.png"
        sheet(file, x[: COLUMNS**2].numpy(), columns=COLUMNS)

    def theirs(self, peer: Path, script: str, x: Tensor, seconds: float, count: int) -> tuple[Tensor, int]:
        """Samples of one of the peer's scripts after so many seconds, and its steps."""
        found, steps = played(peer / "implementations" / script / f"{script}.py", x, seconds, self.seed)
        return sampled(found, count), steps


def trained(data: Path, run: Path, minutes: float, seed: int, more: Sequence[str]) -> float:
    """Ours, and how many seconds its process worked."""
    command = [sys.executable, "-m", "saddlepoint", "train", str(data), "--minutes", str(minutes), "--seed", str(seed)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, "--out", str(run), "--run.threads", "1", "--run.judge", "0", *more], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def reference(source: Source) -> Tensor:
    """Held-out pictures in random order, or, where these are few, all pictures."""
    held, everything = source.held_out(), source.real(source.size or SAMPLES).x
    if held is None:
        return everything[:SAMPLES]
    x = held.x if len(held.x) >= LEAST else torch.cat([held.x, everything])
    return x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))[:SAMPLES]]


def gaussian(x: Tensor, count: int, seed: int) -> Tensor:
    """Samples of one Gaussian with the pictures' mean and covariance, by random mixtures of what differs from it."""
    flat = x.flatten(1)
    mixed = torch.randn(count, len(flat), generator=torch.Generator().manual_seed(seed)) / len(flat) ** 0.5
    return (flat.mean(0) + mixed @ (flat - flat.mean(0))).view(count, *x.shape[1:]).clamp(0, 1)


class TimeUp(Exception):
    """The peer has had its seconds."""


class Pictures(torch.utils.data.Dataset[tuple[Tensor, int]]):
    """Training pictures as the peer's transforms would leave them, for so many seconds."""

    def __init__(self, x: Tensor, seconds: float) -> None:
        self.x, self.end, self.taken = 2 * x - 1, time.process_time() + seconds, 0

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        if time.process_time() > self.end:
            raise TimeUp
        self.taken += 1
        return self.x[index], 0


def played(script: Path, x: Tensor, seconds: float, seed: int) -> tuple[dict[str, Any], int]:
    """What a script of the peer's has made after so many seconds, by name, and its steps."""
    for begin in (random.seed, np.random.seed, torch.manual_seed):
        begin(seed)
    pictures = Pictures(x, seconds)
    datasets = importlib.import_module("torchvision.datasets")
    usual, command = datasets.MNIST, sys.argv
    datasets.MNIST = lambda *arguments, **options: pictures
    never = str(10**12)
    sys.argv = [script.name, "--img_size", str(x.shape[-1]), "--channels", str(x.shape[1])]
    sys.argv += ["--sample_interval", never, "--n_epochs", never]
    made: dict[str, Any] = {"__name__": "__main__"}
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            contextlib.chdir(folder),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.suppress(TimeUp),
        ):
            exec(compile(script.read_text(), str(script), "exec"), made)
    finally:
        datasets.MNIST, sys.argv = usual, command
    return made, pictures.taken // made["opt"].batch_size


@torch.no_grad()
def sampled(made: dict[str, Any], count: int) -> Tensor:
    """Samples of the peer's generator as its script draws them: in training mode, a batch at a time."""
    size, latent = made["opt"].batch_size, made["opt"].latent_dim
    parts = [made["generator"](torch.randn(size, latent)) for _ in range(-(-count // size))]
    return ((torch.cat(parts)[:count] + 1) / 2).clamp(0, 1)


def table() -> str:
    """What was kept of each set: who, with the means of their scores over seeds."""
    found: dict[tuple[str, float], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for one in kept("picture_peers"):
        found[one["set"], one["minutes"]][one["who"]].append(one)
    return "\n\n".join("\n".join(lines_of(name, minutes, rows)) for (name, minutes), rows in found.items())


def lines_of(name: str, minutes: float, rows: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    head = [f"{name}, {minutes:g} min", "steps", *SCORES]
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join(['---'] * len(head))} |"
    for who, found in rows.items():
        steps = mean(one["steps"] for one in found)
        values = [f"{mean(one[score] for one in found):.3g}" for score in SCORES]
        yield f"| {' | '.join([who, f'{steps:,.0f}', *values])} |"


SCORES = ("distance", "precision", "recall", "coverage")

if __name__ == "__main__":
    main()
