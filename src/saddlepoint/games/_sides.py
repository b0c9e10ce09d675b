"""Two classes as the two sides of a translation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar, cast

import torch
from torch import Tensor, nn

from saddlepoint.adversarial import discriminated, of_samples
from saddlepoint.architecture import Architecture, Discriminator
from saddlepoint.duel import Objective
from saddlepoint.errors import BadData
from saddlepoint.game import Batch, Loss, of_parts
from saddlepoint.games._pool import Pool
from saddlepoint.spec import Spec

Part = TypeVar("Part", bound=nn.Module)


def two_sides(spec: Spec, game: str) -> Spec:
    """One side's spec; raises `BadData` unless the data is images of two classes."""
    if len(spec.classes) != 2 or not spec.is_image:
        got = f"{len(spec.classes) or 'no'} classes of {'images' if spec.is_image else 'vectors'}"
        raise BadData(
            f"{game} wants images of two classes, its two sides, such as folders trainA and trainB; got {got}"
        )
    return spec.unasked


def sides_of(batch: Batch) -> tuple[Tensor, Tensor]:
    """A batch's samples of either class, as many of each (B // 2, *shape), in their order.

    Where a batch does not hold as many of each, those of the rarer come again.
    """
    x, y = batch["x"], batch["y"]
    # How many there are stays where they are: on a GPU a step would wait for it.
    order, first = y.argsort(stable=True), (y == 0).sum().clamp(1, len(y) - 1)
    turn = torch.arange(len(y) // 2, device=y.device)
    return x[order[turn % first]], x[order[first + turn % (len(y) - first)]]


def named(losses: Mapping[str, Loss]) -> Loss:
    """The losses of several sides as one: terms called NAME_SIDE, and what was seen of all together."""
    terms = {f"{name}_{side}": value for side, loss in losses.items() for name, value in loss.terms.items()}
    first, *_ = losses.values()
    return Loss(terms, {name: of_parts([loss.seen[name] for loss in losses.values()]) for name in first.seen})


def ways(sides: tuple[Tensor, Tensor]) -> Iterator[tuple[int, Tensor, Tensor]]:
    """(k, samples of class k, samples of the other) for either class."""
    yield 0, sides[0], sides[1]
    yield 1, sides[1], sides[0]


class Both(nn.Module, Generic[Part]):
    """A module for either class; `of(k)` is that of class k."""

    def __init__(self, make: Callable[[], Part]) -> None:
        super().__init__()
        self.sides = nn.ModuleList(make() for _ in range(2))

    def of(self, k: int) -> Part:
        return cast(Part, self.sides[k])


class Critic(nn.Module):
    """The discriminator of one side, and the fakes that it has seen."""

    def __init__(self, network: Architecture, side: Spec, pool: int) -> None:
        super().__init__()
        self.discriminator = Discriminator(network, side, "none")
        self.pool = Pool(pool, side.shape)

    def loss(self, objective: Objective, x: Tensor, fake: Tensor, step: int) -> Loss:
        """The objective's terms for the discriminator before real x and fakes, or older ones in their place."""
        return discriminated(self.discriminator, objective, x, self.pool(fake), None, step)

    def scores(self, x: Tensor) -> Tensor:
        """Raw scores (B,) of samples x (B, *shape)."""
        return of_samples(self.discriminator(x), len(x))


def by_side(y: Tensor, answer: Callable[[int, Tensor], Tensor]) -> Tensor:
    """`answer(k, rows)` for the rows of each class k among y (B,), in the order of y; (B, *shape of an answer)."""
    parts = [(y == label).nonzero()[:, 0] for label in (0, 1)]
    made = torch.cat([answer(label, rows) for label, rows in enumerate(parts)])
    return made[torch.cat(parts).argsort()]
