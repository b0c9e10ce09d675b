"""Where a new run's weights come from: another run, by its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saddlepoint.errors import BadOption, BadRun, few
from saddlepoint.game import Fits, Game
from saddlepoint.saved.checkpoint import Checkpoint
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.model import checkpoint_of
from saddlepoint.training.state import adopt


class Origin(NamedTuple):
    """A run's best checkpoint, to start another run from."""

    path: Path
    checkpoint: Checkpoint

    @classmethod
    def of(cls, path: str, *, trust: bool) -> Origin:
        """That of the run in a folder; raises `BadRun` for none, and for code of somebody's own without `trust`."""
        folder = RunFolder(path)
        folder.config()
        found = checkpoint_of(folder, "best")
        folder.trusted(found.config, trust=trust)
        return cls(Path(path).resolve(), found)

    @property
    def config(self) -> Mapping[str, Any]:
        """The configuration that the new run starts from."""
        return self.checkpoint.config

    @property
    def told(self) -> dict[str, Any]:
        """What the new run's configuration says of it."""
        return {"run": str(self.path), "step": self.checkpoint.step}

    def give(self, game: Game, say: Callable[[str], None]) -> None:
        """Put its weights into a game as far as they fit, and say which do not; raises `BadRun` where none do."""
        if isinstance(game, Fits):
            raise BadOption(f"--from: a {type(game).__name__} is fitted at once and starts from nothing")
        try:
            others = adopt(self.checkpoint.tensors, game)
        except BadRun as error:
            raise BadRun(f"--from {self.path}: {error}") from None
        if others:
            count = f"{len(others)} of {len(game.state_dict())} tensors"
            say(f"{count} do not fit {self.path} and start anew: {few(others)}")
