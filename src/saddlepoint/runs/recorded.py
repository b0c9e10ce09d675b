"""A loop of one's own as a run: saved, watched, drawn, judged and reported like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch.optim import Optimizer

from saddlepoint.configuration import settings
from saddlepoint.configuration.tables import FORMAT, PYTHON
from saddlepoint.errors import BadOption
from saddlepoint.game import Game
from saddlepoint.runs.run import Run, Tell
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.lock import Lock
from saddlepoint.saved.provenance import description, refuse_another_configuration, refuse_other_data
from saddlepoint.source import Shard, Source
from saddlepoint.training.loop import Step


def record(
    game: Game,
    source: Source,
    optimizers: Mapping[str, Optimizer],
    out: str,
    *,
    go_on: bool = False,
    watch: Mapping[str, Any] | None = None,
    **run: Any,
) -> Recorded:
    """A run in the folder `out` of a game that a loop of one's own plays; `run.keep(step)` follows each step.

    `run` are options of the [run] table, `watch` of the [watch] table (`saddle list run`): how many steps there will
    be, how often is saved ... With `go_on` the folder holds such a run already, and game and optimizers are put where
    it was; the loop starts at `run.done`. Raises `BadRun` for a folder that is taken, or is of another run.

        run = sp.record(game, ring, movers, "runs/mine", steps=500)
        for step in sp.train(game, ring.batches(256), movers, start=run.done):
            run.keep(step)
            if run.over:
                break
        scores = list(run.judge())
    """
    config: dict[str, Any] = {
        "format": FORMAT,
        "recipe": "none",
        "data": {"name": f"{PYTHON}{type(source).__name__}"},
        "run": settings.completed(_here(game) | run, "run"),
        "watch": settings.completed(watch or {}, "watch"),
        "game": {"name": f"{PYTHON}{type(game).__name__}"},
    }
    if config["run"]["anneal"]:
        raise BadOption(
            f"run.anneal: got {config['run']['anneal']}; in a loop of one's own rates fall by the loop alone"
        )
    if config["watch"]["action"] not in ("warn", "stop"):
        raise BadOption(f"watch.action: wanted warn or stop in a loop of one's own, got {config['watch']['action']}")
    return Recorded(config, source, RunFolder(out), game, optimizers, go_on)


def _here(game: Game) -> dict[str, Any]:
    """What is so in a loop of one's own: its learning rates are the loop's."""
    told = {"device": game.device.type, "precision": "float32", "threads": torch.get_num_threads()}
    return told | {"anneal": 0.0}


class Recorded(Run):
    """A run whose steps somebody else plays."""

    def __init__(
        self,
        config: Mapping[str, Any],
        source: Source,
        folder: RunFolder,
        game: Game,
        optimizers: Mapping[str, Optimizer],
        go_on: bool,
    ) -> None:
        super().__init__(config, source, folder, Shard())
        self._own = game, optimizers
        self._take(game)
        if go_on:
            self._reopen()
        else:
            self._create(str(folder.path))
            self._remember()

    def _reopen(self) -> None:
        told = self.folder.config()
        for part in ("data", "game"):
            refuse_another_configuration(self.folder.path, {part: told[part]}, {part: self.config[part]})
        refuse_other_data(self.folder.path, self.folder.table("data"), description(self.source))
        self._lock = Lock(self.folder.path)
        checkpoint = self.folder.newest(print)
        self.folder.forget_after(checkpoint.step)
        self._go_on_from(checkpoint)
        # What is said otherwise now is said on purpose.
        self._record_change(checkpoint.config, told, lambda line: None)

    def _made(self) -> Game:
        return self._own[0]

    def _optimizers(self) -> Mapping[str, Optimizer]:
        return self._own[1]

    def keep(self, step: Step, tell: Tell = lambda event: print(event["text"])) -> None:
        """Log, watch, draw and save a step that was played, each when it is due; `over` says when to end.

        `tell` is given what the watchdog finds.
        """
        self.done = step.index + 1
        self.over = self.done >= self.settings.steps
        # Of a lazy term that was not due since going on, what it was before is still known.
        self._terms = {player: {**self._terms.get(player, {}), **terms} for player, terms in step.terms.items()}
        self._keep_record(replace(step, terms=self._terms), tell)
