"""What do pix2pix and CycleGAN reach beside the most used code of both, in equal seconds of one core?

python benchmarks/translation_peers.py --peer FOLDER            # both tasks, one seed
python benchmarks/translation_peers.py faces-edges --peer FOLDER --seed 1 --out kept
python benchmarks/translation_peers.py --table                  # what was kept, as a table

FOLDER holds the code of github.com/junyanz/pytorch-CycleGAN-and-pix2pix, which wants torchvision. A task of
translation.py is trained by its recipe, in a process of one thread. As many seconds as that process worked, its start
included, the peer's own models are then trained on the same training pictures, one thread here: the body of its own
loop, with its own options but those below, its learning rate falling over the second half of the time as its own
schedule lets it over 200 epochs. All are judged by the same code on the same held-out pictures.

Its options differ from its own defaults in this: pictures are mirrored but neither enlarged nor cropped (`--preprocess
none`), for they are aligned and small. Its U-Nets are for 128 and 256 pixels; pictures of 64 get its U-Net of one
halving less than `unet_128`. For 32 pixels there is its `resnet_6blocks`. Its widths are for a GPU: beside its own
defaults it is trained narrower, with the batch of our recipe, and CycleGAN then without the identity term, as ours.
pix2pix answers as its test script does, with dropout and with the batch's own statistics, and with `--eval`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import itertools
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from record import keep, kept
from torch import Tensor, nn
from translation import short, trained

from saddlepoint import load
from saddlepoint.configuration.building import source_of
from saddlepoint.forms.image import alike
from saddlepoint.game import Game, Player, Samples, Translates
from saddlepoint.games._sides import by_side
from saddlepoint.judging.evidence import ModelEvidence
from saddlepoint.judging.records import judged, suitable
from saddlepoint.judging.reference import Reference
from saddlepoint.report.pictures import sheet
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.model import Model
from saddlepoint.source import Source

OURS, PEER = "saddlepoint", "pytorch-CycleGAN-and-pix2pix"
COLUMNS, PART = 10, 256
BATCH_1, BATCH_16 = ("--batch_size", "1"), ("--batch_size", "16")
NARROW = ("--ngf", "16", "--ndf", "32", "--lambda_identity", "0")


class Matched(NamedTuple):
    """A task's metrics, the peer's options for it, and what is tried beside: each of `settings` in training."""

    metrics: tuple[str, ...]
    options: tuple[str, ...]
    settings: tuple[tuple[str, ...], ...]


TASKS = {
    "faces-edges": Matched(
        ("psnr", "ssim", "l1", "frechet", "class_accuracy"),
        ("--model", "pix2pix", "--netG", "unet_128", "--preprocess", "none"),
        (BATCH_1, (*BATCH_16, "--ngf", "32", "--ndf", "32"), BATCH_16),
    ),
    "faces-permuted": Matched(
        ("psnr", "ssim", "l1", "frechet"),
        ("--model", "cycle_gan", "--netG", "resnet_6blocks", "--preprocess", "none"),
        (BATCH_1, (*BATCH_16, *NARROW), (*BATCH_1, *NARROW)),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", help=f"of {', '.join(TASKS)}")
    parser.add_argument("--peer", help="the folder of the peer's code")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", help="where the runs and the sheets are kept; else they are thrown away")
    parser.add_argument("--table", action="store_true")
    told, more = parser.parse_known_args()
    if told.table:
        print(table())
        return
    if not told.peer:
        parser.error("--peer FOLDER: say where the peer's code is")
    sys.path.insert(0, str(Path(told.peer).resolve()))
    torch.set_num_threads(1)
    fit_small()
    for name in told.tasks or TASKS:
        with tempfile.TemporaryDirectory() as made:
            measure(name, told.seed, Path(made), Path(told.out or made), more)


def measure(name: str, seed: int, folder: Path, out: Path, more: Sequence[str]) -> None:
    """Train ours and then the peer's for as long, and keep what each gets."""
    run = out / f"{name}-{seed}"
    seconds = trained(name, folder, run, seed, more)
    config = RunFolder(run).config()
    source = source_of(config["data"], config.get("task"))
    reference = Reference(source, suitable(source))
    ours = ModelEvidence(reference, load(run, "last"), seed=seed)
    rows = [*shown(ours), ours.samples.x[:COLUMNS]]
    tell(name, ours, who=OURS, settings=list(more), seconds=seconds, steps=ours.model.step)
    paths = written(source, folder / "pictures")
    for settings in TASKS[name].settings:
        words = (*TASKS[name].options, *settings, "--dataroot", str(paths), "--checkpoints_dir", str(folder))
        theirs, steps = played(words, seconds, seed)
        for way in ways(theirs, source, settings):
            evidence = ModelEvidence(reference, Model(way.game, source.spec, steps), seed=seed)
            tell(name, evidence, who=PEER, settings=list(way.settings), seconds=seconds, steps=steps)
            rows.append(evidence.samples.x[:COLUMNS])
    rows.append(torch.as_tensor(ours.truth)[:COLUMNS])
    sheet(out / f"{name}-{seed}.png", torch.cat(rows).numpy(), columns=COLUMNS)


def shown(evidence: ModelEvidence) -> Iterator[Tensor]:
    given = evidence.questions.shown(evidence.reference.source.spec)
    if given is not None:
        yield given[:COLUMNS]


def tell(name: str, evidence: ModelEvidence, **told: Any) -> None:
    """Keep the scores of a task's metrics, there and back."""
    for one in judged(evidence, TASKS[name].metrics):
        record = {key: one.get(key) for key in ("metric", "value", "low", "high", "floor", "costless")}
        keep("translation_peers", task=name, seed=evidence.seed, **told, **record)


def written(source: Source, folder: Path) -> Path:
    """The training pictures as the peer takes them: pairs side by side below train/, or trainA/ and trainB/."""
    assert source.size is not None
    known = source.real(source.size)
    assert known.y is not None
    if source.domains:
        for label, side in enumerate("AB"):
            save(folder / f"train{side}", known.x[known.y == label])
        return folder
    for start in range(0, len(known.x), PART):
        part = known.rows(slice(start, start + PART))
        assert part.y is not None
        save(folder / "train", torch.cat([alike(part.y, source.spec.shape), part.x], dim=3), start)
    return folder


def save(folder: Path, images: Tensor, start: int = 0) -> None:
    """Images (N, 3, H, W) in [0, 1] as files, numbered from `start`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images, start):
        pixels = (image * 255).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(np.ascontiguousarray(pixels)).save(folder / f"{number:05}.png", compress_level=1)


def played(words: Sequence[str], seconds: float, seed: int) -> tuple[Any, int]:
    """The peer's model after so many seconds of its own loop, its reading of files included, and its steps."""
    began = time.process_time()
    for begin in (random.seed, np.random.seed, torch.manual_seed):
        begin(seed)
    with contextlib.redirect_stdout(io.StringIO()):
        options = parsed(words)
        model = importlib.import_module("models").create_model(options)
        model.setup(options)
        batches = endless(importlib.import_module("data").create_dataset(options))
        epochs, passed = options.n_epochs + options.n_epochs_decay, 0
        for step in itertools.count():
            share = (time.process_time() - began) / seconds
            if share >= 1:
                return model, step
            while passed <= epochs * share:
                model.update_learning_rate()
                passed += 1
            model.set_input(next(batches))
            model.optimize_parameters()
    raise AssertionError("counting has no end")


def parsed(words: Sequence[str]) -> Any:
    """The peer's own options, from its own command line."""
    command, sys.argv = sys.argv, ["train.py", "--gpu_ids", "-1", "--num_threads", "0", *words]
    try:
        return importlib.import_module("options.train_options").TrainOptions().parse()
    finally:
        sys.argv = command


def fit_small() -> None:
    """Have the peer build its U-Net for pictures of 64 pixels where that for 128 is asked for."""
    networks = importlib.import_module("models.networks")
    usual = networks.define_G

    def define(given: int, made: int, width: int, name: str, norm: str, dropout: bool, *how: Any) -> nn.Module:
        if name != "unet_128":
            return usual(given, made, width, name, norm, dropout, *how)
        layer = networks.get_norm_layer(norm_type=norm)
        made_of = networks.UnetGenerator(given, made, 6, width, norm_layer=layer, use_dropout=dropout)
        return networks.init_net(made_of, *how)

    networks.define_G = define


def endless(batches: Any) -> Iterator[Any]:
    while True:
        yield from batches


class Paired(Game, Samples):
    """The peer's pix2pix: it answers one picture at a time, as its test script does."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.network = model.netG

    @property
    def asks(self) -> bool:
        return True

    def players(self) -> Sequence[Player]:
        return ()

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        assert y is not None
        return torch.cat([self.network(one.expand(-1, 3, -1, -1)) for one in y.split(1)])


class Unpaired(Game, Translates):
    """The peer's CycleGAN."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.back, self.there = model.netG_B, model.netG_A

    def players(self) -> Sequence[Player]:
        return ()

    def translate(self, x: Tensor, y: Tensor) -> Tensor:
        return by_side(y, lambda k, rows: (self.back, self.there)[k](x[rows]))


class Way(NamedTuple):
    """A trained model of the peer's as it is asked, and how that is said."""

    game: Game
    settings: tuple[str, ...]


def ways(model: Any, source: Source, settings: tuple[str, ...]) -> Iterator[Way]:
    if source.domains:
        yield Way(Unpaired(model), settings)
        return
    yield Way(Paired(model), settings)
    model.eval()
    yield Way(Paired(model), (*settings, "--eval"))


def table() -> str:
    """What was kept of each task: whose answers, the means of their scores over seeds, and what stands beside."""
    return "\n\n".join(of_task(name, found) for name in TASKS if (found := list(rows_of(name))))


class Row(NamedTuple):
    """One score of whoever answered."""

    who: str
    metric: str
    value: float
    seed: int


def rows_of(name: str) -> Iterator[Row]:
    for one in kept("translation_peers"):
        if one["task"] != name:
            continue
        seed, metric, beside = one["seed"], one["metric"], {**(one["costless"] or {}), "other real": one["floor"]}
        who = " ".join([one["who"], *one["settings"]])
        yield from (Row(who, "steps", one["steps"], seed), Row(who, metric, one["value"], seed))
        yield from (Row(who, metric, value, seed) for who, value in beside.items() if value is not None)


def of_task(name: str, rows: list[Row]) -> str:
    metrics = list(dict.fromkeys(row.metric for row in rows))
    values: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        values[row.who][row.metric][row.seed] = row.value
    head = [name, *metrics]
    lines = [head, ["---"] * len(head)]
    for who, found in values.items():
        lines.append([who, *(short(mean(found[one].values()) if found[one] else None) for one in metrics)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
