"""How many images a second does `saddle train` take, against a plain float32 loop, and what does the chip allow?

python benchmarks/images.py                                                      28x28, grey
python benchmarks/images.py --data ../shared/data/utkface/utkface_64.zip --cycles 1 --target 3.5

Also: the share of the machine's bfloat16 rate that a step reaches, and where the rest of its time goes.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from statistics import mean, median
from typing import Any, NamedTuple

import torch
from loop import assert_same, by_hand, played, seconds, spread
from record import keep
from torch.autograd.profiler_util import FunctionEvent
from torch.profiler import ProfilerActivity, profile, record_function
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from saddlepoint import Rules, train
from saddlepoint.adversarial import GAN
from saddlepoint.configuration.building import game_of, optimizers_of
from saddlepoint.runs.run import Run
from saddlepoint.schedule import Schedule, schedule
from saddlepoint.seeds import seed_of
from saddlepoint.source import Batches, Shard
from saddlepoint.training.loop import Step

SIDES, TRIES = {"cpu": 2048, "cuda": 8192}, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/FashionMNIST")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--cycles", type=int, default=3, help="cycles of the lazy penalty in a round")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--recipe", help="another than that for the data")
    parser.add_argument("--target", type=float, default=2.0, help="how many times as many as the plain loop are wanted")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Said, lest augmentation join it where pictures are few.
        penalty = {"r1": {"weight": "1 every 16"}}
        said = {"run": {"threads": told.threads, "device": told.device}, "regularizer": penalty}
        run = Run.begin(said, told.data, told.recipe, str(Path(folder) / "run"), Shard())
        measure(run, told.rounds, told.cycles, told.target)


def measure(run: Run, rounds: int, cycles: int, target: float) -> None:
    """Everything about one run; its first steps, which are counted and not timed, warm it up."""
    penalty = penalty_of(run)
    cycle = next(step for step in count(1) if penalty(step))
    if run.device.type == "cpu":
        assert_equal_in_float32(run, penalty, cycle + 1)
    steps = watched(run)
    work = operations(steps, cycle)
    timed = compared(run, steps, penalty, rounds, cycles * cycle)
    told = {name: run.config["run"][name] for name in ("batch", "precision", "threads")}
    keep(
        "images",
        ratio=spread([one.hand / one.ours for one in timed]),
        target=target,
        ours_images_a_second=round(run.settings.batch / median(one.ours for one in timed)),
        hand_images_a_second=round(run.settings.batch / median(one.hand for one in timed)),
        shape=list(run.source.spec.shape),
        network={name: run.config["network"][name] for name in ("name", "width")},
        **told,
        **shares(timed, work),
        percent_of_time=breakdown(steps, cycle, run.device),
    )


def penalty_of(run: Run) -> Schedule:
    """The weight of R1 over the steps; stops when the defaults are no longer what the loop by hand does."""
    config = run.config
    told = (config["game"]["name"], config["objective"]["name"], list(config["regularizer"]), config["run"]["solver"])
    assert told == ("gan", "non_saturating", ["r1"], "alternate"), f"the loop by hand does not do {told}"
    return schedule(config["regularizer"]["r1"]["weight"])


def batches_of(run: Run) -> Batches:
    """The batches that the run itself draws."""
    return run.source.batches(run.settings.batch, seed=seed_of(run.settings.seed, "batches"), device=run.device)


def plain(run: Run, penalty: Schedule) -> tuple[GAN, Callable[[range], None]]:
    """The run's untrained game in contiguous float32, and the loop by hand that moves it through a range of steps."""
    game = game_of(run.config, run.source.spec).to(run.device)
    assert isinstance(game, GAN)
    moves = optimizers_of(run.config, game)
    return game, partial(by_hand, game, moves, batches_of(run), penalty=penalty, decay=run.settings.average)


def assert_equal_in_float32(run: Run, penalty: Schedule, steps: int) -> None:
    """Both loops do the same, penalties included: in the same numbers they end at the same weights."""
    (ours, _), (other, play) = plain(run, penalty), plain(run, penalty)
    moves, rules = optimizers_of(run.config, ours), Rules(average=run.settings.average)
    played(train(ours, batches_of(run), moves, rules=rules), steps)
    play(range(steps))
    assert_same(ours, other)


def watched(run: Run) -> Iterator[Step]:
    """The run's steps, its data marked for the profiler."""
    batches = run.source.batches

    def marked(*arguments: Any, **options: Any) -> Batches:
        batch = batches(*arguments, **options)
        return record_function("data")(batch)

    run.source.batches = marked  # type: ignore[method-assign]
    return run.steps()


def operations(steps: Iterator[Step], cycle: int) -> list[int]:
    """Floating point operations of each step of a cycle of the lazy penalty, the first of which has it."""
    counted = []
    for _ in range(cycle):
        with Operations() as counter:
            next(steps)
        counted.append(counter.total)
    return counted


class Operations(TorchDispatchMode):
    """Adds up the operations of convolutions and products; torch's own FlopCounterMode cannot follow penalties."""

    total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        if formula := flop_registry.get(func.overloadpacket):
            self.total += formula(*args, **(kwargs or {}), out_val=made)
        return made


class Round(NamedTuple):
    """Seconds a step of ours and of the loop by hand, and the machine's best rates beside them, in GFLOP/s."""

    ours: float
    hand: float
    bfloat16: float
    float32: float


def compared(run: Run, steps: Iterator[Step], penalty: Schedule, rounds: int, size: int) -> list[Round]:
    """Rounds of `size` steps of each, turn by turn; the first is left out."""
    _, play = plain(run, penalty)
    found = []
    for start in range(0, (rounds + 1) * size, size):
        ours, hand = seconds(played, steps, size), seconds(play, range(start, start + size))
        found.append(Round(ours / size, hand / size, *rates(run.device)))
    return found[1:]


def rates(device: torch.device) -> Iterator[float]:
    """GFLOP/s of the product of two large square matrices, the best of several, in bfloat16 and in float32."""
    side = SIDES[device.type]
    for dtype in (torch.bfloat16, torch.float32):
        one, other = (torch.randn(side, side, dtype=dtype, device=device) for _ in range(2))
        torch.mm(one, other)
        yield 2e-9 * side**3 / min(seconds(torch.mm, one, other) for _ in range(TRIES))


def shares(timed: list[Round], work: list[int]) -> dict[str, Any]:
    """What a step has to compute, what the machine can, and which share of it is reached."""
    step = 1e-9 * mean(work)
    return {
        "gflop_a_step": {"mean": round(step, 2), "with": round(1e-9 * work[0], 2), "without": round(1e-9 * work[1], 2)},
        "gflops_bfloat16": round(max(one.bfloat16 for one in timed)),
        "gflops_float32": round(max(one.float32 for one in timed)),
        "share_of_bfloat16": spread([step / one.ours / one.bfloat16 for one in timed]),
    }


def breakdown(steps: Iterator[Step], cycle: int, device: torch.device) -> dict[str, float]:
    """Percent of a cycle's time on the device by kind of work, the most first."""
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * (device.type == "cuda")
    with profile(activities=activities) as seen:
        for _ in range(cycle):
            with record_function("step"):
                next(steps)
    spent: Counter[str] = Counter()
    for event in seen.events():
        if any(name == "step" for name in around(event)):
            spent[kind(event)] += event.self_cpu_time_total if device.type == "cpu" else event.self_device_time_total
    return {name: round(100 * time / spent.total(), 1) for name, time in spent.most_common()}


KINDS = {
    "convolution backward": ("convolution_backward",),
    "convolution forward": ("conv",),
    "matrix products": ("aten::mm", "aten::addmm", "aten::matmul", "aten::linear", "aten::bmm"),
    "casts and layout copies": ("aten::to", "aten::_to_copy", "aten::copy_", "aten::contiguous", "aten::clone"),
    "optimiser, norms and average": ("aten::_foreach", "aten::linalg_vector_norm"),
    "activations and elementwise": ("aten::",),
}


def kind(event: FunctionEvent) -> str:
    """What a profiled operator is for; what is no operator is Python and autograd's own work."""
    names = list(around(event))
    if "data" in names:
        return "data"
    if any(name.startswith("Optimizer.") for name in names):
        return "optimiser, norms and average"
    if event.name.startswith("autograd::") or event.name.endswith("Backward0"):
        return "python and autograd"
    return next((kind for kind, marks in KINDS.items() if any(m in event.name for m in marks)), "python and autograd")


def around(event: FunctionEvent | None) -> Iterator[str]:
    """The names of an event and of everything it ran in."""
    while event is not None:
        yield event.name
        event = event.cpu_parent


if __name__ == "__main__":
    main()
