"""What do pictures reach beside the most used code, in equal seconds of one core?

python benchmarks/picture_peers.py --peers FOLDER --judge FOLDER                  # every set, 20 minutes each
python benchmarks/picture_peers.py cifar10 --minutes 7 --seed 1 --peers FOLDER --judge FOLDER --out kept
python benchmarks/picture_peers.py faces --against lightweight --peers FOLDER --judge FOLDER --out kept
python benchmarks/picture_peers.py --table                                        # what was kept, as a table

The peers' folder holds the code of github.com/eriklindernoren/PyTorch-GAN and github.com/lucidrains/lightweight-gan
below their names, which want torchvision, einops, kornia and adabelief-pytorch. That of the judge holds
github.com/akamaster/pytorch_resnet_cifar10 with its trained ResNet-56. `saddle train SET --minutes M` runs in one
thread, without judging; where `--out` has a run already, that one stays. As many seconds as it worked, its start
included, each of the peers' trainings is then run as it stands, in this process, one thread too: its own networks, its
own steps, its own options but those of the data and the device. It gets the training pictures ready in memory, which
its own reading would have to decode.

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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
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
OURS = "saddlepoint"
SAMPLES, LEAST, PART, COLUMNS = 5000, 2000, 128, 10

Array = NDArray[np.floating]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)}")
    parser.add_argument("--peers", help="the folder of the peers' code")
    parser.add_argument("--against", nargs="*", default=list(PEERS), help=f"of {', '.join(PEERS)}")
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
    if not (told.peers and told.judge):
        parser.error("--peers FOLDER and --judge FOLDER: say where their code is")
    torch.set_num_threads(1)
    judge = Judge(Path(told.judge))
    with tempfile.TemporaryDirectory() as made:
        for name in told.sets or SETS:
            contest = Contest(name, told.minutes, told.seed, judge, Path(told.out or made))
            contest.played(Path(told.data) / SETS[name], Path(told.peers), told.against, more)


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

    def played(self, data: Path, peers: Path, against: Sequence[str], more: Sequence[str]) -> None:
        """Ours, then each peer for as long, and what stands beside."""
        run = self.out / f"{self.name}-{self.minutes:g}-{self.seed}"
        known = self.known() if run.exists() else None
        seconds = known["seconds"] if known else trained(data, run, self.minutes, self.seed, more)
        source = source_of(RunFolder(run).config()["data"])
        self.real = reference(source)
        self.features = self.judge.features(self.real)
        count = min(SAMPLES, len(self.real))
        training = source.real(source.size or count).x
        if known is None:
            self.alone(run, seconds, count, training, more)
        for name in against:
            peer = PEERS[name](peers, training, seconds, self.seed)
            self.tell(peer.samples(count), who=peer.name, seconds=seconds, steps=peer.steps, settings=[])

    def known(self) -> dict[str, Any] | None:
        """What was kept of ours."""
        asked = {"set": self.name, "minutes": self.minutes, "seed": self.seed, "who": OURS}
        found = [row for row in kept("picture_peers") if asked.items() <= row.items()]
        return found[-1] if found else None

    def alone(self, run: Path, seconds: float, count: int, training: Tensor, more: Sequence[str]) -> None:
        """Ours, and what stands beside it."""
        model, width = load(run, "last"), RunFolder(run).config()["network"].get("width")
        x = model.sample(count, seed=self.seed)
        self.tell(x, who=OURS, seconds=seconds, steps=model.step, settings=[f"width {width}", *more])
        for who, x in (("gaussian", gaussian(training, count, self.seed)), ("real", training[:count])):
            self.tell(x, who=who, seconds=0, steps=0, settings=[])

    def tell(self, x: Tensor, **told: Any) -> None:
        """Keep the scores of samples (N, 3, H, W) in [0, 1], and a sheet of them."""
        scores = self.judge.scores(self.features, self.judge.features(x))
        keep("picture_peers", set=self.name, minutes=self.minutes, seed=self.seed, **told, **scores)
        who = told["who"].replace(" ", "-")
        file = self.out / f"{self.name}-{self.minutes:g}-{self.seed}-{who}.png"
        sheet(file, x[: COLUMNS**2].numpy(), columns=COLUMNS)


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


class Pictures(torch.utils.data.Dataset[Any]):
    """Training pictures as a peer's transforms would leave them, for so many seconds."""

    def __init__(self, x: Tensor, seconds: float) -> None:
        self.x, self.end, self.taken = 2 * x - 1, time.process_time() + seconds, 0

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> Any:
        if time.process_time() > self.end:
            raise TimeUp
        self.taken += 1
        return self.x[index], 0


class Scripted:
    """A script of PyTorch-GAN's."""

    def __init__(self, script: str, folder: Path, x: Tensor, seconds: float, seed: int) -> None:
        self.name = f"PyTorch-GAN {script}"
        text = (folder / "PyTorch-GAN" / "implementations" / script / f"{script}.py").read_text()
        pictures = Pictures(x, seconds)
        datasets = importlib.import_module("torchvision.datasets")
        told = ["--img_size", str(x.shape[-1]), "--channels", str(x.shape[1])]
        told += ["--sample_interval", NEVER, "--n_epochs", NEVER]
        with instead(datasets, "MNIST", lambda *arguments, **options: pictures):
            self.made = executed(text, [script, *told], seed)
        self.size, self.latent = self.made["opt"].batch_size, self.made["opt"].latent_dim
        self.steps = pictures.taken // self.size

    @torch.no_grad()
    def samples(self, count: int) -> Tensor:
        """Samples (N, 3, H, W) as the script draws them: in training mode, a batch at a time."""
        parts = [self.made["generator"](torch.randn(self.size, self.latent)) for _ in range(-(-count // self.size))]
        return unit(torch.cat(parts)[:count])


class Light:
    """The trainer of lightweight-gan, as its command makes it, on the CPU."""

    name = "lightweight-gan"
    options: Mapping[str, Any] = {
        "batch_size": 10,
        "gradient_accumulate_every": 4,
        "attn_res_layers": [32],
        "disc_output_size": 1,
    }

    def __init__(self, folder: Path, x: Tensor, seconds: float, seed: int) -> None:
        size, few = self.options["batch_size"], min(0.5, (1e5 - len(x)) * 3e-6)
        with tempfile.TemporaryDirectory() as made:
            seeded(seed)
            new = self.code(folder / self.name)["Trainer"]
            trainer = new(base_dir=made, image_size=x.shape[-1], use_aim=False, aug_prob=few, **self.options)
            trainer.save = trainer.evaluate = lambda *arguments: None
            batches = torch.utils.data.DataLoader(Pictures((x + 1) / 2, seconds), size, shuffle=True, drop_last=True)
            trainer.loader = (batch for _ in count() for batch, _ in batches)
            with contextlib.suppress(TimeUp):
                while True:
                    trainer.train()
        self.steps, self.generator, self.latent = trainer.steps, trainer.GAN.G.eval(), trainer.latent_dim

    def code(self, folder: Path) -> dict[str, Any]:
        """What its code defines, every word of a GPU left out."""
        sys.path.insert(0, str(folder.resolve()))
        text = (folder / "lightweight_gan" / "lightweight_gan.py").read_text()
        for gpu, cpu in ((".cuda(self.rank)", ""), ("self.cuda(rank)", "pass"), ("f'cuda:{self.rank}'", "'cpu'")):
            text = text.replace(gpu, cpu)
        with instead(torch.cuda, "is_available", lambda: True):
            return executed(text, ["lightweight_gan"], 0)

    @torch.no_grad()
    def samples(self, count: int) -> Tensor:
        """Samples (N, 3, H, W); its average is a copy of the generator until step 20,000."""
        return torch.cat([self.generator(torch.randn(50, self.latent)) for _ in range(-(-count // 50))])[:count].clamp(
            0, 1
        )


PEERS: dict[str, Callable[[Path, Tensor, float, int], Any]] = {
    "dcgan": partial(Scripted, "dcgan"),
    "wgan_gp": partial(Scripted, "wgan_gp"),
    "lightweight": Light,
}
NEVER = str(10**12)


def executed(text: str, command: list[str], seed: int) -> dict[str, Any]:
    """What a script has made when its time was up, by name."""
    seeded(seed)
    made: dict[str, Any] = {"__name__": "__main__"}
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()),
        instead(sys, "argv", command),
        contextlib.suppress(TimeUp),
    ):
        exec(compile(text, command[0], "exec"), made)
    return made


def seeded(seed: int) -> None:
    """Where all that draws begins."""
    for begin in (random.seed, np.random.seed, torch.manual_seed):
        begin(seed)


@contextmanager
def instead(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Something else in an attribute's place, for a while."""
    usual = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, usual)


def unit(x: Tensor) -> Tensor:
    """Pictures of [-1, 1] in [0, 1]."""
    return ((x + 1) / 2).clamp(0, 1)


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
