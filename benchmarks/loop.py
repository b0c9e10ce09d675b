"""What does the loop cost over a loop written by hand? Both train the same games, step for step in the same bits.

python benchmarks/loop.py
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Any

import torch
from record import keep
from torch import Tensor
from torch.nn.functional import softplus
from torch.optim import Optimizer

from saddlepoint import data, games, networks, objectives, optimizers, priors, train
from saddlepoint.adversarial import GAN
from saddlepoint.architecture import Architecture
from saddlepoint.schedule import Schedule, constant
from saddlepoint.seeds import seed_of
from saddlepoint.source import Batch, Batches, Source, Stored
from saddlepoint.spec import IMAGE_UNITS, Spec

Optimizers = Mapping[str, Optimizer]


@dataclass(frozen=True)
class Case:
    """A game to be timed; a round of it has `longer` times the steps that were asked for."""

    source: Source
    network: Architecture
    latent: int
    batch: int
    longer: int
    target: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20, help="steps a round with images, 20 times as many without")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    told = parser.parse_args()
    torch.set_num_threads(told.threads)
    for name, case in cases().items():
        measure(name, case, told.steps * case.longer, told.rounds)


def cases() -> dict[str, Case]:
    """A convolutional game whose steps are long, and a small one whose steps are short."""
    noise = torch.randint(256, (4096, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    images = Stored(Spec((1, 28, 28), bounds=(-1.0, 1.0), units=IMAGE_UNITS), noise)
    mlp = networks.build("mlp", width=128, depth=3)
    return {
        "dcgan": Case(images, networks.build("dcgan"), latent=64, batch=64, longer=1, target=1.03),
        "mlp": Case(data.build("ring"), mlp, latent=2, batch=256, longer=20, target=1.10),
    }


def measure(name: str, case: Case, steps: int, rounds: int) -> None:
    """Time both loops round by round, the first unheeded, and keep the ratio once their weights are found equal."""
    (game, moves), (other, other_moves) = new(case), new(case)
    ours, batches = train(game, case.source.batches(case.batch), moves), case.source.batches(case.batch)
    times = []
    for start in range(0, (rounds + 1) * steps, steps):
        mine = seconds(played, ours, steps)
        times.append((mine, seconds(by_hand, other, other_moves, batches, range(start, start + steps))))
    assert_same(game, other)
    told = {"steps": (rounds + 1) * steps, "rounds": rounds, "threads": torch.get_num_threads()}
    hand = round(1e3 * median(hand for _, hand in times[1:]) / steps, 3)
    ratio = spread([mine / hand for mine, hand in times[1:]])
    keep("loop", case=name, ratio=ratio, target=case.target, hand_ms_a_step=hand, equal=True, **told)


def new(case: Case) -> tuple[GAN, dict[str, Optimizer]]:
    """A fresh game and its optimisers, always the same."""
    torch.manual_seed(0)
    objective, prior = objectives.build("non_saturating"), priors.build("gaussian")
    game: GAN = games.build("gan", case.source.spec, objective, case.network, prior, latent=case.latent)
    return game, {player.name: optimizers.build("adam")(player.parameters()) for player in game.players()}


def played(steps: Iterable[object], count: int) -> None:
    """Let an endless loop play on for `count` steps."""
    deque(islice(steps, count), maxlen=0)


def seconds(work: Callable[..., object], *arguments: Any) -> float:
    """The wall time of one call, to the end of what it started on a GPU."""
    began = time.perf_counter()
    work(*arguments)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and greatest."""
    told = {"median": median(values), "min": min(values), "max": max(values)}
    return {name: round(value, 4) for name, value in told.items()}


def assert_same(one: GAN, other: GAN) -> None:
    """Stop unless two games have the same weights and buffers, bit for bit."""
    for (name, value), (_, expected) in zip(one.state_dict().items(), other.state_dict().items(), strict=True):
        assert torch.equal(value, expected), f"{name} differs: the two loops did not do the same"


no_penalty = constant(0.0)


def by_hand(
    game: GAN,
    moves: Optimizers,
    batches: Batches,
    steps: Iterable[int],
    penalty: Schedule = no_penalty,
    decay: float = 0.999,
) -> None:
    """A non-saturating GAN with an R1 penalty at the steps where its weight is not zero, as anyone would write it."""
    live: list[Tensor] = list(game.generator.parameters())
    average: list[Tensor] = list(game.average.parameters())
    buffers, average_buffers = list(game.generator.buffers()), list(game.average.buffers())
    for step in steps:
        torch.manual_seed(seed_of(0, "step", step))
        move_discriminator(game, moves["discriminator"], batches(2 * step), penalty(step))
        move_generator(game, moves["generator"], batches(2 * step + 1))
        with torch.no_grad():
            torch._foreach_lerp_(average, live, 1 - min(decay, (step + 1) / (step + 10)))
            if buffers:
                torch._foreach_copy_(average_buffers, buffers)


def move_discriminator(game: GAN, optimizer: Optimizer, batch: Batch, weight: float) -> None:
    x, y = batch["x"], batch.get("y")
    with torch.no_grad():
        fake = game.generator(torch.randn(len(x), game.latent), y)
    optimizer.zero_grad()
    on_real = game.discriminator(x.requires_grad_(weight > 0), y)
    loss = weight * slope_squared(on_real, x).mean() / 2 if weight else 0.0
    loss = loss + softplus(-on_real).mean() + softplus(game.discriminator(fake, y)).mean()
    loss.backward()
    optimizer.step()


def move_generator(game: GAN, optimizer: Optimizer, batch: Batch) -> None:
    y = batch.get("y")
    optimizer.zero_grad()
    game.discriminator.requires_grad_(False)
    fake = game.generator(torch.randn(len(batch["x"]), game.latent), y)
    softplus(-game.discriminator(fake, y)).mean().backward()
    game.discriminator.requires_grad_(True)
    optimizer.step()


def slope_squared(scores: Tensor, x: Tensor) -> Tensor:
    (slope,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
    return slope.flatten(1).square().sum(1)


if __name__ == "__main__":
    main()
