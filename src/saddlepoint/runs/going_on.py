"""Going on with a run: as it was, or told something else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saddlepoint.configuration.building import game_of, source_of
from saddlepoint.configuration.settings import Settings
from saddlepoint.configuration.tables import Table, changed, names_in
from saddlepoint.errors import BadOption, BadRun
from saddlepoint.game import Fits, Game
from saddlepoint.runs.machine import for_this_machine
from saddlepoint.saved.checkpoint import Checkpoint
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.provenance import description, refuse_another_configuration, refuse_other_data
from saddlepoint.source import Source
from saddlepoint.training.state import game_alone


def rate_share(settings: Settings, done: int) -> float:
    """How much of its learning rates a run has for the step after `done`."""
    falling = settings.anneal * settings.steps
    return min(1.0, max(settings.steps - done, 0) / falling) if falling else 1.0


def unlike_at_once(before: Settings, now: Settings, done: int) -> str:
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


def gone_on(
    folder: RunFolder, told: Mapping[str, Any], checkpoint: Checkpoint, change: Mapping[str, Table]
) -> tuple[Mapping[str, Any], Source]:
    """The configuration that a run goes on with, its own as `told` with a `change` over it, and its data.

    Raises `BadRun` with a list of differences when either is not what the checkpoint was made with, `BadOption` for
    steps that are done.
    """
    before, config = (changed(one, change) if change else one for one in (checkpoint.config, told))
    refuse_another_configuration(folder.path, before, config)
    refuse_lost(folder.path, config["data"])
    source = source_of(config["data"], config.get("task"))
    refuse_other_data(folder.path, folder.table("data"), description(source))
    if "run" not in change:
        return config, source
    game = game_of(config, source.spec)
    if "steps" in change["run"]:
        refuse_steps(config, game, checkpoint.step)
    return {**config, "run": config["run"] | for_this_machine(config["run"], game)}, source


def refuse_steps(config: Mapping[str, Any], game: Game, done: int) -> None:
    """Raises `BadOption` for a number of steps that cannot be gone on to."""
    steps = config["run"]["steps"]
    if isinstance(game, Fits):
        raise BadOption(f"--steps: a {config['game']['name']} is fitted at once, more steps change nothing")
    if steps < done:
        raise BadOption(f"--steps: wanted at least the {done:,} that are done, got {steps:,}; it counts the whole run")


def refuse_lost(path: Path, data: Mapping[str, Any]) -> None:
    """Raises `BadRun` where nothing is at the path of the data of the run at `path`."""
    if "path" in data and not Path(data["path"]).exists():
        raise BadRun(
            f"{path}: its data is no longer at {data['path']}; say where it lies now: saddle resume {path} --data PATH"
        )


def fit_to(config: Mapping[str, Any], checkpoint: Checkpoint) -> Checkpoint:
    """A checkpoint for a run of this configuration: other optimizers start anew."""
    one, other = (names_in(configuration["optimizer"]) for configuration in (config, checkpoint.config))
    return checkpoint if one == other else checkpoint._replace(tensors=game_alone(checkpoint.tensors))
