"""A run whose model is to be a part of another run's game."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from saddlepoint.configuration import specs, tables, trained
from saddlepoint.errors import BadRun
from saddlepoint.game import Game
from saddlepoint.saved.checkpoint import Checkpoint
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.model import checkpoint_of, settled, spec_of
from saddlepoint.spec import Spec
from saddlepoint.trained import Trained
from saddlepoint.training.state import unpack_game


class TrainedRun(NamedTuple):
    """A run's best checkpoint, which is what `load` takes, and what its samples are."""

    path: Path
    checkpoint: Checkpoint
    spec: Spec

    @classmethod
    def of(cls, path: str, *, trust: bool) -> TrainedRun:
        """That of the run in a folder; raises `BadRun` for none, and for code of somebody's own without `trust`."""
        folder = RunFolder(path)
        if not folder.is_run():
            raise BadRun(f"--model {path}: wanted the folder of a trained run, such as runs/digits-1, got none")
        folder.config()
        found = checkpoint_of(folder, "best")
        folder.trusted(found.config, trust=trust)
        return cls(Path(path).resolve(), found, spec_of(folder))

    @property
    def told(self) -> dict[str, Any]:
        """The [model] table of the configuration whose part it is."""
        where = {trained.RUN: str(self.path), "step": self.checkpoint.step}
        return {**where, "spec": specs.table_of(self.spec), **tables.of_game(self.checkpoint.config)}

    def give(self, game: Game) -> None:
        """Put its weights, averaged where there is an average, into the part of a game that is this run's model."""
        part = next(module for module in game.modules() if isinstance(module, Trained))
        unpack_game(self.checkpoint.tensors, part.game)
        settled(part.game, self.spec, self.checkpoint.step)
