"""A run: a game played as its configuration says, in a folder it can be resumed from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch.optim import Optimizer

from saddlepoint.asking import answerable, page
from saddlepoint.configuration import tables
from saddlepoint.configuration.building import data_table, game_of, kinds_of, optimizers_of, playable, source_of
from saddlepoint.configuration.few import for_few
from saddlepoint.configuration.settings import Settings, Watching
from saddlepoint.configuration.tables import Table
from saddlepoint.errors import Diverged, SaddlepointError
from saddlepoint.game import Fits, Game
from saddlepoint.judging.evidence import nobody
from saddlepoint.judging.records import Record, evidence_of, fit_classifier, judged
from saddlepoint.judging.words import kept
from saddlepoint.machine.memory import allocated
from saddlepoint.report.pictures import picture, sheet
from saddlepoint.runs.budget import Budget
from saddlepoint.runs.estimate import Memory
from saddlepoint.runs.going_on import fit_to, gone_on, rate_share, unlike_at_once
from saddlepoint.runs.machine import for_this_machine, placed_on
from saddlepoint.runs.mirror import Mirror
from saddlepoint.runs.origin import Origin
from saddlepoint.runs.reporting import write_report
from saddlepoint.runs.showcase import density_of, neighbours_of, surface_of
from saddlepoint.runs.trained import TrainedRun
from saddlepoint.runs.trying import tried
from saddlepoint.saved.checkpoint import Checkpoint
from saddlepoint.saved.folder import BEST, RunFolder, Taken
from saddlepoint.saved.lock import Lock
from saddlepoint.saved.model import Model, settled
from saddlepoint.saved.provenance import description, environment
from saddlepoint.seeds import seed_of
from saddlepoint.source import Batches, Shard, Source
from saddlepoint.training.loop import Step, train
from saddlepoint.training.moves import Rules
from saddlepoint.training.precision import Precision
from saddlepoint.training.processes import agreed
from saddlepoint.training.signals import first_signals, signals
from saddlepoint.training.solvers import SOLVERS
from saddlepoint.training.state import Terms, pack, unpack, unpack_game, unpack_terms
from saddlepoint.watching.diagnosing import Event
from saddlepoint.watching.look import Look
from saddlepoint.watching.watch import Course, Intervention, Watch

Say = Callable[[str], None]
Tell = Callable[[Event], None]


class Run:
    """A source, a game and its optimisers, at a step, in a folder. Only the process of rank 0 writes and watches."""

    def __init__(self, config: Mapping[str, Any], source: Source, folder: RunFolder, shard: Shard) -> None:
        self.config, self.source, self.folder, self.shard = config, source, folder, shard
        self.settings = Settings(**config["run"])
        self.watching = Watching(**config.get("watch", {}))
        self.device = placed_on(self.settings.device)
        torch.set_num_threads(self.settings.threads)
        self.precision = Precision(self.settings.precision == "bfloat16")
        part = max(1, min(self.settings.batch, self.watching.samples))
        look = Look(source, self.watching.score, self.watching.samples, self.settings.seed, part=part)
        self._watch = Watch(self.watching, self.settings, look)
        self.done, self.course, self.over = 0, Course(), False
        self._lock: Lock | None = None
        self._mirror = self._mirrored()
        self._terms: Terms = {}
        self.memory: Memory | None = None

    @classmethod
    def begin(
        cls,
        said: Mapping[str, Any],
        data: str,
        recipe: str | None,
        out: str | None,
        shard: Shard,
        *,
        origin: Origin | None = None,
        say: Say = nobody,
        trust: bool = False,
        budget: Budget | None = None,
        doing: Say = nobody,
    ) -> Run:
        """A new run on `data`, a source's name or a path, with what the user `said` completed and written down.

        It starts from the weights of an `origin` as far as they fit; `say` is told which do not. A run that is a part
        of it may name code of somebody's own with `trust` alone. A `budget` says how many steps there is time for, and
        what else then pays, for which steps are measured; `doing` is told what is being waited for.
        """
        table, like = data_table(data, said.get("data", {})), origin.config if origin else None
        task, model = tables.task_of(said, recipe, like), tables.model_of(said, recipe)
        part = TrainedRun.of(model, trust=trust) if model is not None else None
        source = source_of(table, task)
        kinds = kinds_of(table["name"], source, task)
        whole = {"data": table, **({"task": task} if task else {}), **({"model": part.told} if part else {})}
        config = tables.completed({**said, **whole}, kinds, recipe, like)
        suited = dict if recipe or like else partial(for_few, said=said, source=source, say=say)
        if budget:
            measured = partial(cls._measured, source, shard, part)
            config = budget.spent(config, said, source.spec, suited, measured, doing)
            say(budget.hope(config, source))
        else:
            config = suited(config)
        game = game_of(config, source.spec)
        config["run"] |= for_this_machine(config["run"], game)
        if origin:
            config["from"] = origin.told
            origin.give(game, say)
        if part:
            part.give(game)
        run = cls(config, source, RunFolder(out or ""), shard)
        run._start(game, out)
        return run

    def _start(self, game: Game, out: str | None) -> None:
        """Try a step of a new game, fit it if that is all there is to it, and write the run down."""
        with allocated():
            self._take(game)
        self.memory = tried(self)
        if self.watching.action == "raise_penalties":
            tables.stricter(self.config, 2)
        if isinstance(game, Fits):
            with playable(self.config["game"]["name"]), allocated():
                self._fit(game)
        if self.shard.rank == 0:
            self._create(out)
            self._remember()
        self.folder = RunFolder(agreed(str(self.folder.path), self.device))

    @classmethod
    def _measured(cls, source: Source, shard: Shard, part: TrainedRun | None, config: Mapping[str, Any]) -> Run:
        """A run as it would be, in no folder."""
        game = game_of(config, source.spec)
        if part:
            part.give(game)
        here = {**config, "run": {**config["run"], **for_this_machine(config["run"], game)}}
        run = cls(here, source, RunFolder(""), shard)
        with allocated():
            run._take(game)
        return run

    def _create(self, out: str | None) -> None:
        """Make the run's folder, the next one in runs/ if not told, which another process may take in between."""
        tables = {"environment": environment(), "data": description(self.source)}
        while True:
            path = out or _free_folder(self.config["data"]["name"])
            try:
                self.folder = RunFolder.create(path, self.config, self._open, **tables)
                break
            except Taken:
                if out:
                    raise
        self._lock, self._mirror = Lock(self.folder.path), self._mirrored()

    @classmethod
    def resume(
        cls,
        path: str,
        shard: Shard,
        say: Say,
        change: Mapping[str, Table] = MappingProxyType({}),
        *,
        trust: bool = False,
    ) -> Run:
        """The run in a folder, where its newest whole checkpoint left it, with the options in `change` over its own.

        What is changed so is recorded among its events. Raises `BadRun` with a list of differences when the
        configuration or the data has changed otherwise, or names code of somebody's own that is not trusted.
        """
        folder = RunFolder(path)
        told = folder.trusted(folder.config(), trust=trust)
        lock = Lock(folder.path) if shard.rank == 0 else None
        try:
            checkpoint = folder.newest(say)
            folder.trusted(checkpoint.config, trust=trust)
            config, source = gone_on(folder, told, checkpoint, change)
            run = cls(config, source, folder, shard)
            run._lock = lock
            if change:
                run._take(run._made())
                run.memory = tried(run)
            if shard.rank == 0:
                folder.forget_after(checkpoint.step, Course.from_dict(checkpoint.course).attempt)
            agreed(None, run.device)
            run._go_on_from(fit_to(config, checkpoint))
            run._record_change(checkpoint.config, told, say)
        except BaseException:
            if lock:
                lock.release()
            raise
        return run

    def _record_change(self, before: Mapping[str, Any], told: Mapping[str, Any], say: Say) -> None:
        """Write down what differs from the configuration `before`; the folder's own, as `told`, comes last."""
        if self.shard.rank == 0 and (changes := tables.differences(before, self.config)):
            text = f"changed: {'; '.join(changes)}"
            self.folder.append("events", {"step": self.done, "changed": changes, "text": text})
            self.folder.save(self._checkpoint())
            say(f"from step {self.done} on {text}{unlike_at_once(Settings(**before['run']), self.settings, self.done)}")
        if self.shard.rank == 0 and told != self.config:
            self.folder.configure(self.config)
        agreed(None, self.device)
        self.over = self.done >= self.settings.steps or self.folder.stopped()
        self._anneal()

    def release(self) -> None:
        """Let go of the folder, so that others may write into it."""
        if self._lock:
            self._lock.release()
        if self._mirror:
            self._mirror.close()

    def steps(self, tell: Tell = lambda event: None) -> Iterator[Step]:
        """Play on to the end: log, watch, draw and save on the way. What is yielded has been done.

        `tell` is given what the watchdog finds and does.
        """
        if self.over:
            return
        self._anneal()
        if isinstance(self.game, Fits) and not self._fitted:
            self._fit(self.game)
        while not self.over:
            try:
                yield from self._stretch(tell)
            except Diverged as error:
                if not self._watch.may_roll_back(self.course):
                    raise
                # The step under way is the last of those that were not finite.
                since = self.done + 2 - Rules.patience
                self._step_in(Intervention("roll_back", str(error), since), tell)

    @property
    def rules(self) -> Rules:
        """How its players' moves are made."""
        own = self.settings
        return Rules(accumulate=own.accumulate, clip=own.clip, precision=self.precision, average=own.average)

    def _stretch(self, tell: Tell) -> Iterator[Step]:
        """Play until the end, or until the watchdog puts another game in the place of this one."""
        settings, game = self.settings, self.game
        batches = self._batches(game)
        solver, seed = SOLVERS[settings.solver], self._seed()
        moves = partial(train, solver=solver, seed=seed, start=self.done, terms=self._terms, rules=self.rules)
        for step in moves(game, batches, self.optimizers):
            self.done, self._terms = step.index + 1, step.terms
            self.over = self.done >= settings.steps
            self._anneal()
            self._keep_record(step, tell)
            yield step
            if self.over or self.game is not game:
                return

    def _batches(self, game: Game) -> Batches:
        size, seed = self.settings.batch, self._seed("batches")
        return self.source.batches(size, seed=seed, device=self.device, shard=self.shard, even=game.even)

    def _seed(self, *parts: str) -> int:
        """The run's seed for these parts, another one after each rolling back."""
        attempt = ("attempt", self.course.attempt) if self.course.attempt else ()
        return seed_of(self.settings.seed, *attempt, *parts) if attempt or parts else self.settings.seed

    def _fit(self, game: Fits) -> None:
        """Fit to all of the data, or to many samples of data that has no end."""
        everything = self.source.whole(_MANY, seed=self._seed("batches"), device=self.device)
        game.fit(everything["x"], everything.get("y"))
        self._fitted = True

    def _take(self, game: Game) -> None:
        """Play this game from here on."""
        self.game, self._fitted = game.to(self.device), False
        self.precision.place(self.game)
        self.optimizers = self._optimizers()
        self._terms = {}
        self._rates = {name: [g["lr"] for g in o.param_groups] for name, o in self.optimizers.items()}

    def _go_on_from(self, checkpoint: Checkpoint) -> None:
        """Be where a checkpoint is, and know no more than its folder tells."""
        self.course = Course.from_dict(checkpoint.course)
        if self._mirror:
            self._mirror.close()
        self._mirror = self._mirrored(checkpoint.step)
        self._take(self._made())
        unpack(checkpoint.tensors, self.game, self.optimizers)
        self._terms = unpack_terms(checkpoint.tensors)
        self.done = checkpoint.step
        self.over = self.done >= self.settings.steps or self.folder.stopped()
        self._anneal()
        if self.shard.rank == 0:
            self._remember()

    def _mirrored(self, start: int = 0) -> Mirror | None:
        return Mirror(self.folder.path / "tensorboard", start) if self.settings.log == "tensorboard" else None

    def _made(self) -> Game:
        """The game anew, with the penalties that the watchdog has come to."""
        return game_of(tables.stricter(self.config, self.course.penalties), self.source.spec)

    def _optimizers(self) -> Mapping[str, Optimizer]:
        return optimizers_of(self.config, self.game)

    def _remember(self) -> None:
        lines = self.folder.lines("scalars")
        self._watch.remember(lines, self.folder.lines("events"))
        # Counted from where training began here, they go on from what was counted before.
        last = lines[-1] if lines else {}
        self._skipped = {name: count for name, count in last.items() if name.endswith("/skipped")}

    def _open(self, folder: RunFolder) -> None:
        """What a run's folder holds before the first step."""
        self._save_in(folder)
        folder.append("scalars", {"step": 0, **first_signals(self.game)})

    def will_look(self, seconds: float) -> bool:
        """Whether the watchdog will look at the model in steps that take so many seconds from here on."""
        return answerable(self.game) and self._watch.will_look(seconds)

    def save(self) -> None:
        """Write a checkpoint of this step."""
        if self.shard.rank == 0 and self.done not in self.folder.checkpoints():
            self._save_in(self.folder)

    def _save_in(self, folder: RunFolder) -> None:
        folder.save(self._checkpoint())
        folder.keep(self.settings.keep, self.settings.save_every)

    def _checkpoint(self) -> Checkpoint:
        return Checkpoint(self.done, pack(self.game, self.optimizers, self._terms), self.config, self.course.as_dict())

    def model(self) -> Model:
        """A copy of the game as it now stands, ready to sample."""
        return Model.of(self.game, self.source, self.done)

    def best(self) -> Model:
        """The model of the checkpoint that the watchdog found best, else as it now stands."""
        checkpoint = self.folder.best(nobody)
        if checkpoint is None or checkpoint.step == self.done:
            return self.model()
        game = deepcopy(self.game)
        unpack_game(checkpoint.tensors, game)
        return settled(game, self.source.spec, checkpoint.step)

    def judge(self, tell: Say = nobody) -> Iterator[Record]:
        """Judge the best model, telling each score as it comes, and write them down together, and the report.

        `tell` is told what is being computed.
        """
        try:
            yield from self._judged(tell)
        except SaddlepointError:
            # Nowhere is the page needed more than where nothing could be judged.
            self.report()
            raise
        self.report()

    def _judged(self, tell: Say) -> Iterator[Record]:
        if not self.settings.judge:
            return
        fit_classifier(self.source, tell)
        evidence = evidence_of(self.best(), self.source, most=self.settings.judge, seed=self.settings.seed)
        yield from kept(self.folder, judged(evidence, tell=tell))
        step = evidence.model.step
        self.folder.append("events", {"step": self.done, "judged": step, "text": f"judged at step {step}"})
        pairs = neighbours_of(evidence.samples.x, evidence.reference)
        if pairs is not None:
            columns = len(pairs) // 2
            self.folder.replace("samples/neighbours.png", lambda file: sheet(file, pairs.numpy(), columns=columns))

    def report(self) -> None:
        """Write the run's page."""
        write_report([self.folder.path], self.folder.path / "report.html")

    def draw(self) -> None:
        """A picture of samples at this step: a row for each class, a column for each latent."""
        # A settled copy: looking must not touch running statistics, and shows what will be sampled.
        model, source = self.model(), self.source
        game, (own, columns, _) = model.game, page(model, source)
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

    def _keep_record(self, step: Step, tell: Tell) -> None:
        settings, before = self.settings, self.done
        drawn = self.over or self.done % settings.drawn_every == 0
        if self.shard.rank == 0 and drawn:
            self.draw()
        if self.over or self.done % settings.log_every == 0:
            self._watched(step, tell)
        if self.shard.rank > 0 or self.done < before:
            return
        if self.over and not drawn:
            self.draw()
        # Last: what a checkpoint is of must be there when a run goes on from it.
        if self.over or self.done % settings.save_every == 0:
            self.save()

    def _watched(self, step: Step, tell: Tell) -> None:
        """Log what was seen, and do what the watchdog wants done about it."""
        intervention = None
        if self.shard.rank == 0:
            numbers, events = {**step.scalars(), **signals(step)}, list[Event]()
            for name, count in self._skipped.items():
                numbers[name] += count
            if self._watch.due(self.done):
                looked, events = self._watch.seen(self.done, self.model, self._save_best)
                numbers |= looked
            self.folder.append("scalars", {"step": self.done, **numbers})
            if self._mirror:
                self._mirror.add(self.done, numbers)
            found = self._watch.found(self.done, numbers)
            for event in (*events, *found):
                self._note(event, tell)
            intervention = self._watch.intervention(found, self.course)
        # Where nobody ever steps in, the others need not wait for what the first one finds.
        if self.watching.steps_in:
            intervention = agreed(intervention, self.device)
        if intervention and not self.over:
            self._step_in(intervention, tell)

    def _note(self, event: Event, tell: Tell) -> None:
        self.folder.append("events", {**event, "attempt": self.course.attempt})
        tell(event)

    def _save_best(self) -> None:
        self.folder.save(self._checkpoint(), BEST)

    def _step_in(self, intervention: Intervention, tell: Tell) -> None:
        """Do what the watchdog wants done: stop, or go on from a checkpoint on another course."""
        self.over = intervention.action == "stop"
        if self.shard.rank == 0:
            rolled = intervention.action == "roll_back"
            origin = self._sound(intervention.since) if rolled else self._checkpoint()
            self._note(intervention.event(self.done, origin.step), tell)
            if not self.over:
                course = self.course.after(intervention.action)
                self.folder.save(origin._replace(course=course.as_dict(), config=self.config))
                self.folder.forget_after(origin.step, course.attempt)
        # The others wait until it is written.
        agreed(None, self.device)
        if not self.over:
            self._go_on_from(self.folder.newest(nobody))

    def _sound(self, since: int) -> Checkpoint:
        """Where to go back to: the best, if it is from before a step, else the newest that is, else the oldest."""
        best, steps = self.folder.best(nobody), self.folder.checkpoints()
        if best and best.step < since:
            return best
        # Those that were only written since somebody stopped the run must not count: it would go another way.
        due = [step for step in steps if step % self.settings.save_every == 0] or steps[:1]
        before = [step for step in due if step < since]
        return self.folder.at(before[-1] if before else due[0])

    def _anneal(self) -> None:
        """Learning rates of the coming step: whole, then in a straight line to zero over the last share."""
        share = rate_share(self.settings, self.done)
        for name, optimizer in self.optimizers.items():
            for group, rate in zip(optimizer.param_groups, self._rates[name], strict=True):
                group["lr"] = rate * share * self.course.rates


_MANY = 100_000


def _free_folder(name: str) -> str:
    number = next(i for i in range(1, 1_000_000) if not Path("runs", f"{name}-{i}").exists())
    return str(Path("runs", f"{name}-{number}"))
