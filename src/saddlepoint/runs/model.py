"""A trained model, loaded from its run folder alone: no data, no optimiser, no pickled code."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from saddlepoint.conditional import Density
from saddlepoint.errors import BadOption, BadRun
from saddlepoint.game import Decodes, Game, Samples, Scores
from saddlepoint.runs.building import game_of
from saddlepoint.runs.folder import RunFolder
from saddlepoint.seeds import seed_of
from saddlepoint.source import Spec, Units
from saddlepoint.training.state import unpack_game


class Model:
    """A trained game that samples in the data's own units: images as floats in [0, 1], tables and toys as given.

    `spec` says what a sample is, `units` lead to the data's own, `step` how long the game was trained.
    """

    def __init__(self, game: Game, spec: Spec, units: Units, step: int) -> None:
        self.game, self.spec, self.units, self.step = game, spec, units, step

    def sample(self, n: int, y: int | Sequence[int] | Tensor | None = None, *, seed: int | None = None) -> Tensor:
        """`n` samples (n, *shape) in own units, of class `y`, of classes `y` (n,), or of the data's own mix.

        With a `seed` the same samples come each time, and torch's random state is left as it was. Raises
        `BadOption` for labels outside the classes.
        """
        if not isinstance(self.game, Samples):
            raise BadRun(f"a {type(self.game).__name__} cannot sample")
        labels = self.labels(n, y)
        with torch.random.fork_rng(enabled=seed is not None), torch.no_grad():
            if seed is not None:
                torch.manual_seed(seed_of(seed, "sample"))
            # In parts of fixed size: a million samples need no more memory than the first thousand.
            parts = [
                self.units.own(self.game.sample(min(_PART, n - start), _rows(labels, start)))
                for start in range(0, n, _PART)
            ]
        return torch.cat(parts)

    def decode(self, z: Tensor, y: int | Sequence[int] | Tensor | None = None) -> Tensor:
        """Samples (B, *shape) in own units from latents z (B, latent)."""
        if not isinstance(self.game, Decodes):
            raise BadRun(f"a {type(self.game).__name__} cannot decode latents")
        labels = self.labels(len(z), y)
        with torch.no_grad():
            parts = [
                self.units.own(self.game.decode(z[start : start + _PART], _rows(labels, start)))
                for start in range(0, len(z), _PART)
            ]
        return torch.cat(parts)

    def score(self, x: Tensor, y: int | Sequence[int] | Tensor | None = None) -> Tensor:
        """log p(x), or of classes `y` log p(x | y), in nats (N,), of samples x (N, *shape) in own units.

        Raises `BadRun` for a model that knows no density.
        """
        game = self.game
        if not isinstance(game, Scores):
            raise BadRun(f"a {type(game).__name__} knows no density; flows, VAEs and baselines such as kde do")
        labels = self.labels(len(x), y)
        parts = [game.score(part, _rows(labels, start)) for start, part in self._parts(x)]
        return torch.cat(parts) - self.units.log_scale(self.spec.shape)

    def joint(self, x: Tensor) -> Tensor:
        """log p(x, y) in nats (N, classes) of samples x (N, *shape) in own units: its greatest entry classifies.

        Raises `BadRun` for a model without a density for each class.
        """
        game = self.game
        if not isinstance(game, Density) or not game.classes:
            raise BadRun(f"a {type(game).__name__} has no density for each class and cannot classify")
        return torch.cat([game.joint(part) for _, part in self._parts(x)]) - self.units.log_scale(self.spec.shape)

    def _parts(self, x: Tensor) -> Iterator[tuple[int, Tensor]]:
        with torch.no_grad():
            for start in range(0, len(x), _PART):
                yield start, self.game.placed(self.units.seen(x[start : start + _PART]))

    def labels(self, n: int, y: int | Sequence[int] | Tensor | None) -> Tensor | None:
        """`y` as labels (n,), checked against the classes."""
        if y is None:
            return None
        labels = torch.as_tensor(y).long().to(self.game.device)
        labels = labels.expand(n) if labels.dim() == 0 else labels
        known = self.game.classes if isinstance(self.game, Samples) else 0
        if labels.shape != (n,) or not known or labels.min() < 0 or labels.max() >= known:
            names = enumerate(self.spec.classes[:known])
            classes = ", ".join(f"{i} ({name})" for i, name in names) or "none (it was trained without)"
            got = sorted(set(labels.tolist()))
            raise BadOption(f"wanted {n} labels among the classes {classes}; got {len(labels)}: {got[:5]}")
        return labels

    def state_dict(self) -> Mapping[str, Tensor]:
        """Every weight of the game, the averaged ones where there is an average."""
        return self.game.state_dict()


_PART = 1024


def _rows(labels: Tensor | None, start: int) -> Tensor | None:
    return None if labels is None else labels[start : start + _PART]


def load(folder: str | Path, checkpoint: int | str = "best") -> Model:
    """The trained model in a run folder, with averaged weights.

    It is at the `checkpoint` that is told: "best", which the watchdog found (the last where it found none), "last", or
    a step. Raises `BadRun` where it cannot be read. Nothing that the folder holds is executed.
    """
    run = RunFolder(folder)
    config, data = run.config(), run.table("data")
    if checkpoint in ("best", "last"):
        found = (run.best(_warn) if checkpoint == "best" else None) or run.newest(_warn)
    elif str(checkpoint).isdecimal():
        found = run.at(int(checkpoint))
    else:
        raise BadOption(f"checkpoint: wanted best, last or a step, got {checkpoint!r}")
    spec = Spec.from_dict(data["spec"])
    game = game_of(config, spec)
    unpack_game(found.tensors, game)
    return settled(game, spec, Units.from_dict(data["units"]), found.step)


def _warn(line: str) -> None:
    print(line, file=sys.stderr)


def settled(game: Game, spec: Spec, units: Units, step: int) -> Model:
    """A game as a model: in evaluation mode, its moved networks holding their moving averages."""
    for player in game.players():
        for live, average in player.averages:
            live.load_state_dict(average.state_dict())
    return Model(game.eval(), spec, units, step)
