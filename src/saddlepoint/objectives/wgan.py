"""The Wasserstein game, its critic kept Lipschitz by clipping weights."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from saddlepoint.duel import Objective
from saddlepoint.ranges import Moves, Scale


def wgan(*, clip: Scale | None = 0.01, critic_steps: Moves = 5) -> Objective:
    """The critic estimates the Wasserstein-1 distance, up to the unknown slope that clipped weights allow.

    Paper: Arjovsky, Chintala & Bottou 2017, Wasserstein GAN, algorithm 1

    critic (discriminator): mean f - mean r; generator: -mean f. After each critic step every one of its parameters
    is clamped to [-clip, clip]; None leaves them, for a critic held in check by other means.
    """

    return Objective(
        discriminator={
            "real": lambda duel: -duel.on_real.mean(),
            "fake": lambda duel: duel.on_fake.mean(),
        },
        generator={"fake": lambda duel: -duel.on_fake.mean()},
        discriminator_steps=critic_steps,
        project=None if clip is None else _clipping(clip),
    )


def _clipping(bound: float) -> Callable[[nn.Module], None]:
    @torch.no_grad()
    def project(critic: nn.Module) -> None:
        weights: list[Tensor] = list(critic.parameters())
        torch._foreach_clamp_min_(weights, -bound)
        torch._foreach_clamp_max_(weights, bound)

    return project
