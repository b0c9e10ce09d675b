"""Going on with a run: as it was, or told something else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saddlepoint.errors import BadOption, BadRun
from saddlepoint.game import Fits, Game
from saddlepoint.runs.checkpoint import Checkpoint
from saddlepoint.runs.config import names_in
from saddlepoint.runs.settings import Settings
from saddlepoint.training.state import game_alone


def rate_share(settings: Settings, done: int) -> float:
    """How much of its learning rates a run has for the step after `done`."""
    falling = settings.anneal * settings.steps
    return min(1.0, max(settings.steps - done, 0) / falling) if falling else 1.0


def compared(before: Settings, now: Settings, done: int) -> str:
    """How a run that is told another number of steps compares with one that was told them at once."""
    if before.steps == now.steps:
        return ""
    fallen = rate_share(before, max(done - 1, 0))
    if fallen == 1:
        return f"; it is now, bit for bit, the run that was told {now.steps} steps at once"
    return (
        f"; its learning rates had fallen to {fallen:.1%} and go on at {rate_share(now, done):.1%} as those of a run "
        f"of {now.steps} steps: not quite the run that was told {now.steps} at once, as with run.anneal 0 it would be"
    )


def refuse_steps(config: Mapping[str, Any], game: Game, done: int) -> None:
    """Raises `BadOption` for a number of steps that cannot be gone on to."""
    steps = config["run"]["steps"]
    if isinstance(game, Fits):
        raise BadOption(f"--steps: a {config['game']['name']} is fitted at once, more steps change nothing")
    if steps < done:
        raise BadOption(f"--steps: wanted at least the {done:,} that are done, got {steps:,}; it counts the whole run")


def refuse_lost(path: Path, data: Mapping[str, Any]) -> None:
    if "path" in data and not Path(data["path"]).exists():
        raise BadRun(
            f"{path}: its data is no longer at {data['path']}; say where it lies now: saddle resume {path} --data PATH"
        )


def fit_to(config: Mapping[str, Any], checkpoint: Checkpoint) -> Checkpoint:
    """A checkpoint for a run of this configuration: other optimizers start anew."""
    one, other = (names_in(configuration["optimizer"]) for configuration in (config, checkpoint.config))
    return checkpoint if one == other else checkpoint._replace(tensors=game_alone(checkpoint.tensors))
