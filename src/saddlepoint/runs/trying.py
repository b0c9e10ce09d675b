"""What would fail at a run's first step is refused before it has a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from saddlepoint.configuration.building import playable
from saddlepoint.configuration.settings import Score
from saddlepoint.errors import BadOption, listed
from saddlepoint.game import asks
from saddlepoint.judging.records import wants_truth
from saddlepoint.machine.memory import allocated, enough
from saddlepoint.runs.estimate import Memory, held_bytes, memory_of, state_bytes

if TYPE_CHECKING:
    from saddlepoint.runs.run import Run


def tried(run: Run) -> Memory:
    """About how much memory training takes, found by trying every player's loss on a few samples.

    Raises `BadOption` for options that do not go together, or not with the data, and for what does not fit.
    """
    rows = _rows(run)
    _refuse_score(run)
    most = max(run.settings.batch, run.settings.judge, run.watching.samples)
    enough(2 * 4 * most * run.source.spec.size, run.device, f"{most:,} samples at once")
    held = held_bytes(run.game)
    state = state_bytes(run.game) + held
    enough(state, run.device, "training", held)
    with playable(run.config["game"]["name"]), allocated():
        found = memory_of(run, rows)
    enough(found.state + found.graph, run.device, "training", held)
    return found


def _refuse_score(run: Run) -> None:
    game, score = run.game, run.watching.score
    if wants_truth(score) and not asks(game):
        others = [one for one in get_args(Score) if not wants_truth(one)]
        raise BadOption(
            f"watch.score: {score} wants a model that is given something of which what would be right is known, "
            f"such as pix2pix; of a {type(game).__name__} take {listed(others)}"
        )


def _rows(run: Run) -> int:
    """How many samples this process differentiates at a time."""
    part = run.shard.rows(run.settings.batch)
    own = part.stop - part.start
    if own % run.settings.accumulate:
        raise BadOption(
            f"run.accumulate: wanted a number that divides the {own} samples of a batch, got {run.settings.accumulate}"
        )
    return own // run.settings.accumulate
