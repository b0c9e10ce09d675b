"""What every prior keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from saddlepoint import priors
from saddlepoint.laws import zoo
from saddlepoint.laws.law import Law, demand
from saddlepoint.prior import Prior

_MANY, _DIMENSIONS = 4000, 6


@dataclass(frozen=True, eq=False)
class Drawn:
    """A prior with options, whose latents have a few dimensions."""

    on: str
    make: Callable[[], Prior]

    def draw(self, n: int = _MANY, seed: int = 0) -> Tensor:
        """`n` latents."""
        torch.manual_seed(seed)
        return self.make()(n, _DIMENSIONS, torch.device("cpu"))


def cases(name: str) -> Iterator[Drawn]:
    """A prior with its options as they come, and with each choice of one."""
    for options in zoo.variations(priors.shelf.entry(name)):
        told = "".join(f", {option} {value}" for option, value in options.items())
        yield Drawn(f"{_DIMENSIONS} dimensions{told}", partial(priors.build, name, **options))


def latents_have_the_shape_asked_for(case: Drawn) -> None:
    """(n, dimensions) in 32 bits, finite; none where none are asked for."""
    for n in (_MANY, 1, 0):
        z = case.draw(n)
        demand(z.shape == (n, _DIMENSIONS), f"latents {(n, _DIMENSIONS)}", tuple(z.shape))
        demand(z.dtype == torch.float32, "numbers of 32 bits", z.dtype)
        demand(bool(z.isfinite().all()), "finite latents", "others")


def latents_are_about_zero_and_spread(case: Drawn) -> None:
    """Each dimension's mean is within 0.5, and no two dimensions are the same."""
    z = case.draw()
    demand(bool(z.mean(0).abs().max() < 0.5), "means from -0.5 to 0.5", z.mean(0).tolist())
    demand(bool((z.std(0) > 0).all()), "latents that differ", "the same")


def latents_are_a_function_of_the_seed(case: Drawn) -> None:
    """Of torch's random state alone."""
    demand(torch.equal(case.draw(), case.draw()), "the same latents from the same seed")
    demand(not torch.equal(case.draw(), case.draw(seed=1)), "other latents from another seed", "the same")


LAWS: tuple[Law[Drawn], ...] = (
    Law(latents_have_the_shape_asked_for),
    Law(latents_are_about_zero_and_spread),
    Law(latents_are_a_function_of_the_seed),
)
