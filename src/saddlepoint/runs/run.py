"""A run: a game played as its configuration says, in a folder it can be resumed from."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from saddlepoint.errors import BadRun, SaddlepointError
from saddlepoint.game import Fits, Game
from saddlepoint.report.pictures import picture, sheet
from saddlepoint.runs import config as configuration
from saddlepoint.runs.building import data_table, game_of, kinds_of, optimizers_of, source_of
from saddlepoint.runs.folder import RunFolder
from saddlepoint.runs.judge import Record, evidence_of, judged
from saddlepoint.runs.model import Model, settled
from saddlepoint.runs.reporting import write_report
from saddlepoint.runs.settings import Settings
from saddlepoint.runs.showcase import density_of, neighbours_of, showcase, surface_of
from saddlepoint.seeds import seed_of
from saddlepoint.source import Shard, Source
from saddlepoint.training.loop import Step, train
from saddlepoint.training.moves import Rules
from saddlepoint.training.precision import Precision, pays
from saddlepoint.training.processes import best_device
from saddlepoint.training.signals import signals
from saddlepoint.training.solvers import SOLVERS
from saddlepoint.training.state import pack, unpack

Say = Callable[[str], None]


class Run:
    """A source, a game and its optimisers, at a step, in a folder. Only the process of rank 0 writes."""

    def __init__(self, config: Mapping[str, Any], source: Source, game: Game, folder: RunFolder, shard: Shard) -> None:
        self.config, self.source, self.folder, self.shard = config, source, folder, shard
        self.settings = Settings(**config["run"])
        self.device = _placed(self.settings.device)
        torch.set_num_threads(self.settings.threads)
        self.game = game.to(self.device)
        self.precision = Precision(self.settings.precision == "bfloat16")
        self.precision.place(self.game)
        self.optimizers = optimizers_of(config, self.game)
        self._rates = {name: [g["lr"] for g in o.param_groups] for name, o in self.optimizers.items()}
        self.done = 0

    @classmethod
    def begin(cls, said: Mapping[str, Any], data: str, recipe: str | None, out: str | None, shard: Shard) -> Run:
        """A new run on `data`, a source's name or a path, with what the user `said` completed and written down."""
        table = data_table(data, said.get("data", {}))
        source = source_of(table)
        kinds = kinds_of(table["name"], source.spec)
        config = configuration.completed({**said, "data": table}, kinds, recipe)
        game = game_of(config, source.spec)
        config["run"] |= _for_this_machine(config["run"], game)
        folder = RunFolder(out or _free_folder(table["name"]))
        run = cls(config, source, game, folder, shard)
        if shard.rank == 0:
            RunFolder.create(folder.path, config, run._save_in, environment=_environment(), data=_description(source))
        return run

    @classmethod
    def resume(cls, path: str, shard: Shard, say: Say) -> Run:
        """The run in a folder, where its newest whole checkpoint left it.

        Raises `BadRun` with a list of differences when the configuration or the data has changed since.
        """
        folder = RunFolder(path)
        config = folder.config()
        step, tensors, before = folder.restore(say)
        _refuse_changes(folder.path, "configuration", before, config)
        source = source_of(config["data"])
        _refuse_changes(folder.path, "data", folder.table("data"), _description(source))
        run = cls(config, source, game_of(config, source.spec), folder, shard)
        unpack(tensors, run.game, run.optimizers)
        run.done = step
        if shard.rank == 0:
            folder.forget_after(step)
        return run

    def steps(self) -> Iterator[Step]:
        """Play on to the last step: log, draw and save on the way. What is yielded has been done."""
        settings = self.settings
        batches = self.source.batches(
            settings.batch, seed=seed_of(settings.seed, "batches"), device=self.device, shard=self.shard
        )
        rules = Rules(
            accumulate=settings.accumulate, clip=settings.clip, precision=self.precision, average=settings.average
        )
        if self.done >= settings.steps:
            return
        self._anneal()
        if isinstance(self.game, Fits):
            self._fit(self.game)
        solver = SOLVERS[settings.solver]
        for step in train(
            self.game, batches, self.optimizers, solver=solver, seed=settings.seed, start=self.done, rules=rules
        ):
            self.done = step.index + 1
            self._anneal()
            if self.shard.rank == 0:
                self._keep_record(step)
            yield step
            if self.done >= settings.steps:
                return

    def _fit(self, game: Fits) -> None:
        """Fit to all of the data, or to many samples of data that has no end."""
        everything = self.source.batches(
            self.source.size or _MANY, seed=seed_of(self.settings.seed, "batches"), device=self.device
        )(0)
        game.fit(everything["x"], everything.get("y"))

    def save(self) -> None:
        """Write a checkpoint of this step."""
        if self.shard.rank == 0 and self.done not in self.folder.checkpoints():
            self._save_in(self.folder)

    def _save_in(self, folder: RunFolder) -> None:
        folder.save(self.done, pack(self.game, self.optimizers), self.config, self.settings.keep)

    def model(self) -> Model:
        """A copy of the game as it now stands, ready to sample."""
        return settled(deepcopy(self.game), self.source.spec, self.source.units, self.done)

    def judge(self) -> Iterator[Record]:
        """Judge the model, telling each score as it comes, and write them down together, and the report."""
        try:
            yield from self._judged()
        except SaddlepointError:
            # Nowhere is the page needed more than where nothing could be judged.
            self.report()
            raise
        self.report()

    def _judged(self) -> Iterator[Record]:
        if not self.settings.judge:
            return
        evidence = evidence_of(self.model(), self.source, most=self.settings.judge, seed=self.settings.seed)
        records: list[Record] = []
        for record in judged(evidence):
            records.append(record)
            self.folder.write("scores", records)
            yield record
        pairs = neighbours_of(evidence.samples.x, evidence.reference)
        if pairs is not None:
            columns = len(pairs) // 2
            self.folder.replace("samples/neighbours.png", lambda file: sheet(file, pairs.numpy(), columns=columns))

    def report(self) -> None:
        """Write the run's page."""
        self.folder.replace("report.html", lambda file: write_report([self.folder.path], file))

    def draw(self) -> None:
        """A picture of samples at this step: a row for each class, a column for each latent."""
        # A settled copy: looking must not touch running statistics, and shows what will be sampled.
        game, source = self.model().game, self.source
        samples, columns = showcase(game, source)
        own = source.units.own(samples.cpu())
        # A model that has diverged is shown by what can still be drawn of it.
        own = own.nan_to_num() if source.spec.is_image else own[own.isfinite().all(1)]
        if len(own) < 2:
            return
        real = None if source.spec.is_image else source.real(len(own)).x.numpy()
        # A density takes many scores: it is drawn when the run is done.
        density = density_of(game, source, own) if self.done >= self.settings.steps else None
        surface = surface_of(game, source, own)
        draw = partial(picture, samples=own.numpy(), columns=columns, real=real, density=density, surface=surface)
        self.folder.replace(f"samples/{self.done:09d}.png", draw)

    def _keep_record(self, step: Step) -> None:
        settings, last = self.settings, self.done >= self.settings.steps
        if last or self.done % settings.log_every == 0:
            self.folder.append("scalars", {"step": self.done, **step.scalars(), **signals(step)})
        if last or self.done % (settings.picture_every or max(settings.steps // 10, 1)) == 0:
            self.draw()
        # Last: what a checkpoint is of must be there when a run goes on from it.
        if last or self.done % settings.save_every == 0:
            self.save()

    def _anneal(self) -> None:
        """Learning rates of the coming step: whole, then in a straight line to zero over the last share."""
        settings = self.settings
        falling = settings.anneal * settings.steps
        share = min(1.0, (settings.steps - self.done) / falling) if falling else 1.0
        for name, optimizer in self.optimizers.items():
            for group, rate in zip(optimizer.param_groups, self._rates[name], strict=True):
                group["lr"] = rate * share


_MANY = 100_000


def _placed(device: str) -> torch.device:
    if device == "auto":
        return best_device()
    try:
        placed = torch.device(device)
        torch.empty(0, device=placed)
    except (RuntimeError, AssertionError):
        raise BadRun(f"device {device!r} is not there; use --device cpu, or auto for the best there is") from None
    return best_device() if placed == torch.device("cuda") else placed


def _for_this_machine(told: Mapping[str, Any], game: Game) -> dict[str, Any]:
    """What "auto" means here, and that what is fitted at once takes one step."""
    device, precision = _placed(told["device"]), told["precision"]
    if precision == "auto":
        precision = "bfloat16" if pays(game, device) else "float32"
    # torchrun gives each of its processes one thread unless told otherwise; alone, every core is ours.
    return {
        "device": device.type,
        "precision": precision,
        "threads": told["threads"] or torch.get_num_threads(),
        **({"steps": 1} if isinstance(game, Fits) else {}),
    }


def _free_folder(name: str) -> str:
    number = next(i for i in range(1, 1_000_000) if not Path("runs", f"{name}-{i}").exists())
    return str(Path("runs", f"{name}-{number}"))


def _environment() -> dict[str, Any]:
    packages = ("saddlepoint", "torch", "numpy", "scikit-learn", "safetensors", "pillow")
    return {
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": sys.argv[1:],
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "packages": {name: version(name) for name in packages},
    }


def _description(source: Source) -> dict[str, Any]:
    return {"spec": source.spec.as_dict(), "units": source.units.as_dict(), "content": source.fingerprint()}


def _refuse_changes(path: Path, what: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    if changed := configuration.differences(before, now):
        raise BadRun(
            f"{path}: the {what} has changed since the last checkpoint: {'; '.join(changed)}; "
            "put it back to resume, or start a new run"
        )
