"""Two players in a balance that is controlled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from saddlepoint.adversarial import GAN
from saddlepoint.architecture import Architecture, Coder, Generator, GeneratorLabel
from saddlepoint.conditional import shares_for
from saddlepoint.draws import averaged, finite_or
from saddlepoint.duel import Objective
from saddlepoint.game import Batch, Loss, Player
from saddlepoint.prior import Prior
from saddlepoint.ranges import Amount, Share, Width
from saddlepoint.spec import Spec


def began(
    spec: Spec,
    network: Architecture,
    prior: Prior,
    *,
    latent: Width = 64,
    code: Width = 64,
    diversity: Share = 0.5,
    gain: Amount = 0.001,
    label: GeneratorLabel = "join",
) -> BEGAN:
    """The discriminator is an autoencoder; what it gives to fakes is held to a share of what it gives to real samples.

    Paper: Berthelot, Schumm & Metz 2017, BEGAN: Boundary Equilibrium Generative Adversarial Networks, equation 5

    discriminator: E(x) - k E(G(z)); generator: E(G(z)); then k <- clip(k + gain (diversity E(x) - E(G(z))), 0, 1), with
    E(v) = mean |v - dec(enc(v))|. `diversity` is the paper's gamma, `gain` its lambda_k. Logged beside the terms are k
    and the measure of convergence M = E(x) + |diversity E(x) - E(G(z))|.
    """
    errors = _Errors(Coder(network, spec, code, join=label != "none"), Generator(network, spec, code, label))
    return BEGAN(
        Generator(network, spec, latent, label),
        errors,
        prior,
        latent,
        shares_for(spec, label),
        Balance(diversity, gain),
    )


class Balance(nn.Module):
    """The controller: its state is k and the discriminator's last mean error on real samples, both scalars."""

    k: Tensor
    real: Tensor

    def __init__(self, diversity: float, gain: float) -> None:
        super().__init__()
        self.diversity, self.gain = diversity, gain
        self.register_buffer("k", torch.zeros(()))
        self.register_buffer("real", torch.zeros(()))

    def remember(self, on_real: Tensor) -> None:
        """Take note of scores (B,) of real samples."""
        self.real.copy_(finite_or(averaged(-on_real.mean()), self.real))

    def move(self, on_fake: Tensor) -> None:
        """Move k by scores (B,) of fakes."""
        moved = self.k + self.gain * self.imbalance(averaged(-on_fake.mean()))
        self.k.copy_(finite_or(moved, self.k).clamp(0, 1))

    def imbalance(self, fake: Tensor) -> Tensor:
        """diversity E(x) - E(G(z)), a scalar."""
        return self.diversity * self.real - fake


class BEGAN(GAN):
    """A GAN whose objective holds a controlled number."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        prior: Prior,
        latent: int,
        shares: Sequence[float],
        balance: Balance,
    ) -> None:
        objective = Objective(
            discriminator={
                "real": lambda duel: -duel.on_real.mean(),
                # A copy: the controller moves k while the graph may still need it.
                "fake": lambda duel: balance.k.clone() * duel.on_fake.mean(),
            },
            generator={"error": lambda duel: -duel.on_fake.mean()},
        )
        super().__init__(generator, discriminator, objective, prior, latent, shares)
        self.balance = balance

    def players(self) -> Sequence[Player]:
        discriminator, generator = super().players()
        return (
            replace(discriminator, after=lambda loss: self.balance.remember(loss.seen["on_real"])),
            replace(generator, after=lambda loss: self.balance.move(loss.seen["on_fake"])),
        )

    def generator_loss(self, batch: Batch, step: int) -> Loss:
        """The generator's error, and beside it k and the measure of convergence M."""
        loss = super().generator_loss(batch, step)
        error = -loss.seen["on_fake"].mean()
        told = {"k": self.balance.k.clone(), "convergence": self.balance.real + self.balance.imbalance(error).abs()}
        return replace(loss, seen={**loss.seen, **told})


class _Errors(nn.Module):
    """Scores are negative mean absolute errors of reconstruction; the decoder has no output nonlinearity."""

    def __init__(self, encoder: Coder, decoder: Generator) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return -(x - self.decoder.unbounded(self.encoder(x, y), y)).float().abs().flatten(1).mean(1)
