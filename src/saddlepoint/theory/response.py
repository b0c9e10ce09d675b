"""What a real discriminator learns against a generator that stands still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from saddlepoint.architecture import Discriminator
from saddlepoint.duel import Duel, Objective
from saddlepoint.game import Batch, Game, Loss, Player
from saddlepoint.networks.mlp import mlp
from saddlepoint.seeds import seed_of
from saddlepoint.spec import Spec
from saddlepoint.training.loop import train

Array = NDArray[np.float64]
Draw = Callable[[int], Tensor]
"""`draw(n)` makes n samples (n, D) from torch's random state."""


def gaussian(mean: float = 0.0, std: float = 1.0) -> Draw:
    """Draws from N(mean, std^2), (n, 1)."""
    return lambda n: mean + std * torch.randn(n, 1)


def resampled(samples: ArrayLike) -> Draw:
    """Draws with replacement from `samples` (N,) or (N, D)."""
    rows = torch.as_tensor(np.asarray(samples), dtype=torch.float32).reshape(len(np.asarray(samples)), -1)
    return lambda n: rows[torch.randint(len(rows), (n,))]


class BestResponse(Game):
    """A duel of which one side moves: a discriminator against samples that a frozen generator `fake` draws."""

    def __init__(self, discriminator: nn.Module, objective: Objective, fake: Draw) -> None:
        super().__init__()
        self.discriminator, self.objective, self.fake = discriminator, objective, fake

    def players(self) -> Sequence[Player]:
        return (
            Player(
                "discriminator", [self.discriminator], self._loss, after=self.objective.following(self.discriminator)
            ),
        )

    def _loss(self, batch: Batch, step: int) -> Loss:
        x = batch["x"]
        duel = Duel(self.discriminator, x.requires_grad_(), self.fake(len(x)).requires_grad_(), step=step)
        return Loss({name: term(duel) for name, term in self.objective.discriminator.items()})


def best_response(
    objective: Objective,
    real: Draw,
    fake: Draw,
    *,
    steps: int = 1500,
    batch: int = 512,
    width: int = 64,
    depth: int = 2,
    lr: float = 3e-3,
    seed: int = 0,
) -> nn.Module:
    """A discriminator (n, D) -> (n,) trained for `steps` of Adam, its rate falling to zero, on fresh draws.

    A fully connected network of `depth` layers of `width`. Torch's random state is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of(seed, "start"))
        discriminator = Discriminator(mlp(width=width, depth=depth), Spec(tuple(real(1).shape[1:])), "none")
        adam = torch.optim.Adam(discriminator.parameters(), lr=lr, betas=(0.9, 0.99), fused=True)
        game = BestResponse(discriminator, objective, fake)
        playing = train(game, lambda index: {"x": real(batch)}, {"discriminator": adam}, seed=seed)
        for step in islice(playing, steps):
            adam.param_groups[0]["lr"] = lr * (1 - (step.index + 1) / steps)
    return discriminator.eval()


def scores(discriminator: nn.Module, x: ArrayLike) -> Array:
    """The discriminator's scores (N,) at points `x` (N,) or (N, D)."""
    points = torch.as_tensor(np.asarray(x), dtype=torch.float32).reshape(len(np.asarray(x)), -1)
    with torch.no_grad():
        found: Array = discriminator(points).double().numpy()
    return found
