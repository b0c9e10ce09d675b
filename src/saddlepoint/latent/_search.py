"""The search for latents: down a loss by Adam, never far from where the prior draws them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from saddlepoint.errors import BadRun
from saddlepoint.game import Decodes, Game
from saddlepoint.saved.model import Model

_DRAWN, _HELD, _LEAST_RATE = 256, 0.95, 0.02


class Decoding(Game, Decodes):
    """A game that decodes."""


def decoding(model: Model) -> Decoding:
    """The game of a model that decodes; raises `BadRun` for another."""
    if not isinstance(model.game, Decodes):
        raise BadRun(
            f"a {type(model.game).__name__} decodes no latents; gan, infogan, vae, autoencoder, flow and encoder do"
        )
    game: Decoding = model.game  # type: ignore[assignment]
    return game


@dataclass(frozen=True)
class Shell:
    """The ball around a prior's mean (latent,) that holds most of what is drawn from it.

    A decoder has learnt nothing of what lies outside: there it may match anything without looking like a sample.
    """

    centre: Tensor
    radius: float

    @classmethod
    def of(cls, game: Decodes) -> Shell:
        """The ball that holds 95 % of the latents that a game draws."""
        z = game.latents(_DRAWN)
        centre = z.mean(0)
        return cls(centre, float((z - centre).norm(dim=1).quantile(_HELD)))

    def held(self, z: Tensor) -> Tensor:
        """Latents z (B, latent), those outside brought to the nearest place of the ball."""
        away = z - self.centre
        return self.centre + away * (self.radius / away.norm(dim=1, keepdim=True).clamp_min(self.radius))


def searched(loss: Callable[[Tensor], Tensor], z: Tensor, shell: Shell, steps: int, rate: float) -> Tensor:
    """Latents (B, latent) of a small `loss` (B,), each found from its own of z (B, latent), at a falling rate."""
    z = shell.held(z).requires_grad_()
    adam = torch.optim.Adam([z], lr=rate)
    for step in range(steps):
        adam.param_groups[0]["lr"] = fallen(rate, step / steps)
        # With respect to the latents alone: no gradient is left on the networks.
        (z.grad,) = torch.autograd.grad(loss(z).sum(), z)
        adam.step()
        with torch.no_grad():
            z.copy_(shell.held(z))
    return z.detach()


def fallen(rate: float, share: float) -> float:
    """What is left of a rate when a share of the steps is done: it falls as a cosine does."""
    return rate * max(_LEAST_RATE, (1 + math.cos(math.pi * share)) / 2)
