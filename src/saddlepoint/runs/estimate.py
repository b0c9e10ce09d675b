"""What a run will take, told before its first step: parameters, memory and time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from saddlepoint.errors import BadData, BadOption
from saddlepoint.game import Batch, Game, Player
from saddlepoint.runs.pace import Forecast, step_of_full_size
from saddlepoint.source import Source
from saddlepoint.training.precision import Precision

if TYPE_CHECKING:
    from saddlepoint.runs.run import Run

# Samples that a graph is measured on; bytes that every training was seen to take beside state and graph, and how many
# more for each of the graph's: gradients under way, and what lies between tensors and is not had back.
_PROBE, _WORKSPACE, _AROUND = 4, 50 * 2**20, 0.25


def estimate(run: Run, forecast: Forecast | None) -> Iterator[str]:
    """Lines that say what will be trained on what, with how many parameters, how much memory, and how long."""
    config, settings, spec = run.config, run.settings, run.source.spec
    parts = [config[part]["name"] for part in ("objective", "network") if part in config]
    shape = " x ".join(map(str, spec.shape))
    classes = f", {len(spec.classes)} classes" if spec.classes else ""
    task = f", task {config['task']['name']}" if "task" in config else ""
    yield f"data: {config['data']['name']} ({shape}{classes}){task}"
    of = f" of {', '.join(parts)}" if parts else ""
    yield f"game: {config['game']['name']}{of}; recipe {config['recipe']}"
    if "model" in config:
        yield f"model: {config['model']['run']} at step {config['model']['step']}, frozen"
    counts = [(player.name, sum(p.numel() for p in player.parameters())) for player in run.game.players()]
    yield "parameters: " + (", ".join(f"{name} {count:,}" for name, count in counts) or "none, fitted in closed form")
    memory = run.memory or memory_of(run, settings.batch // run.shard.world // settings.accumulate)
    yield (
        f"memory: about {_mb(sum(memory))} ({_mb(memory.state)} networks and optimisers, {_mb(memory.graph)} a step's "
        f"graph, {_mb(memory.workspace)} workspaces) beside the program's own; "
        f"{settings.steps} steps of batch {settings.batch} on {settings.device} "
        f"in {settings.precision}, {settings.threads} threads"
    )
    if forecast is not None:
        yield _time(run, forecast)


def _time(run: Run, forecast: Forecast) -> str:
    left = run.settings.steps - run.done
    parts = [f"{left} step{'s' * (left != 1)} of {forecast.step * 1000:.3g} ms"]
    if run.watching.share:
        parts.append("looks on the way")
    if forecast.classifier:
        parts.append(f"fitting the classifier that judges {lasting(forecast.classifier)}")
    if forecast.judging:
        parts.append(f"judging {lasting(forecast.judging)}")
    return f"time: about {lasting(forecast.total)}: " + ", ".join(parts)


def lasting(seconds: float) -> str:
    """A time in two figures.

    >>> lasting(0.4), lasting(47), lasting(754), lasting(7000), lasting(40000)
    ('1 s', '47 s', '13 min', '120 min', '11 h')
    """
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{two_figures(seconds / size)} {unit}"
    return f"{max(1, round(seconds))} s"


def two_figures(number: float) -> str:
    """A number as people write it.

    >>> two_figures(0.568), two_figures(9.96), two_figures(190.4), two_figures(1234)
    ('0.57', '10', '190', '1,200')
    """
    return f"{float(f'{number:.2g}'):,g}"


class Memory(NamedTuple):
    """Bytes: of networks and optimisers, of a step's graph, and of what kernels and allocators work in."""

    state: int
    graph: int
    workspace: int


def memory_of(run: Run, rows: int) -> Memory:
    """About how much memory training takes beside the program's own, of so many samples at a time."""
    # A copy more, on which time is measured, and which is looked at.
    state = state_bytes(run.game) + held_bytes(run.game)
    graph = graph_bytes(run.game, run.source, run.precision, rows)
    return Memory(state, graph, _WORKSPACE + int(_AROUND * graph))


def held_bytes(game: Game) -> int:
    """Bytes of weights, averages and whatever else a game keeps."""
    return sum(tensor.nbytes for tensor in game.state_dict().values())


def state_bytes(game: Game) -> int:
    """Bytes of weights, averages and gradients, and of two moments as Adam keeps them."""
    return held_bytes(game) + 3 * sum(p.nbytes for p in game.parameters() if p.requires_grad)


def graph_bytes(game: Game, source: Source, precision: Precision, rows: int) -> int:
    """Bytes that the costliest player's loss keeps for its gradient at `rows` samples, measured on a few.

    Measured on twice as many too: what does not grow with them, such as weights, counts once.
    """
    few = [size for size in range(min(_PROBE, rows), rows) if rows % size == 0]
    for size in few:
        # Packs want so many samples at once; what the whole batch divides into is tried first.
        with suppress(BadOption, BadData):
            few_kept, twice_kept = (_kept_by(game, source, precision, count) for count in (size, 2 * size))
            return few_kept + (twice_kept - few_kept) * (rows - size) // size
    return _kept_by(game, source, precision, rows)


def _kept_by(game: Game, source: Source, precision: Precision, size: int) -> int:
    probe = deepcopy(game)
    batch = precision.prepared(source.batches(size, seed=0, device=probe.device, even=game.even)(0))
    with torch.random.fork_rng(), precision.context(probe.device):
        return max((_kept(player, batch, step_of_full_size(game)) for player in probe.players()), default=0)


def _kept(player: Player, batch: Batch, step: int) -> int:
    storages: dict[int, int] = {}
    own = {p.untyped_storage().data_ptr() for p in player.parameters()}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            storages[storage.data_ptr()] = storage.nbytes()
        # An output that its own node held would never be let go of.
        return tensor.detach()

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        player.loss(batch, step)
    return sum(storages.values())


def _mb(size: int) -> str:
    return f"{size / 2**20:,.0f} MB" if size >= 2**20 else f"{size / 2**20:.1f} MB"
