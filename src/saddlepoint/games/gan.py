"""The two-player game: a generator against a discriminator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from saddlepoint.architecture import (
    Architecture,
    Discriminator,
    DiscriminatorLabel,
    Generator,
    GeneratorLabel,
)
from saddlepoint.draws import own_rows
from saddlepoint.duel import Duel, Objective, Term
from saddlepoint.game import Batch, Decodes, Game, Loss, Player, Samples
from saddlepoint.prior import Prior
from saddlepoint.source import Spec


def gan(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    prior: Prior,
    *,
    latent: int = 64,
    generator_label: GeneratorLabel = "join",
    discriminator_label: DiscriminatorLabel = "join",
) -> GAN:
    """A generator against a discriminator, class-conditional where the data is labelled.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets; Mirza & Osindero 2014, Conditional GANs

    Labels are joined to the input, or come in by conditional normalisation and projection; "none" for both trains
    without them. What is sampled is the moving average of the generator.
    """
    return GAN(
        Generator(network, spec, latent, generator_label),
        Discriminator(network, spec, discriminator_label),
        objective,
        prior,
        latent,
        spec.shares if spec.classes and generator_label != "none" else (),
    )


class GAN(Game, Samples, Decodes):
    """Any generator `(z, y) -> x` against any discriminator `(x, y) -> (B,)` under an objective.

    `latent` is the number of dimensions drawn from `prior`; `shares` are the classes' shares for sampling without
    labels, empty for a game without classes.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        objective: Objective,
        prior: Prior,
        latent: int,
        shares: Sequence[float] = (),
    ) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.average = deepcopy(generator).requires_grad_(False).eval()
        self.objective, self.prior, self.latent = objective, prior, latent
        self.shares: Tensor
        self.classes = len(shares)
        self.register_buffer("shares", torch.tensor(shares, dtype=torch.float64), persistent=False)

    def players(self) -> Sequence[Player]:
        return (
            Player(
                "discriminator",
                [self.discriminator],
                self._discriminator_loss,
                steps=self.objective.discriminator_steps,
                after=self._project,
            ),
            Player(
                "generator",
                [self.generator],
                self._generator_loss,
                averages=[(self.generator, self.average)],
            ),
        )

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Samples (B, *shape) of the averaged generator from latents z (B, latent) and labels y (B,)."""
        with torch.no_grad():
            x: Tensor = self.average(z, y)
        return x

    def latents(self, n: int) -> Tensor:
        """`n` latents (n, latent) from the prior."""
        return self.prior(n, self.latent, next(self.parameters()).device)

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """`n` samples (n, *shape) of the averaged generator, of classes `y` (n,) or of the data's own mix."""
        if y is None and self.classes:
            y = torch.multinomial(self.shares, n, replacement=True)
        return self.decode(self.latents(n), y)

    def _discriminator_loss(self, batch: Batch, step: int) -> Loss:
        x, y = batch["x"], batch.get("y")
        with torch.no_grad():
            fake = self._fake(x, y)
        # Tracking costs nothing where no penalty asks: the backward pass stops at the parameters.
        duel = Duel(self.discriminator, x.detach().requires_grad_(), fake.requires_grad_(), y, step)
        return _loss(duel, self.objective.discriminator)

    def _generator_loss(self, batch: Batch, step: int) -> Loss:
        x, y = batch["x"], batch.get("y")
        duel = Duel(self.discriminator, x, self._fake(x, y), y, step)
        return _loss(duel, self.objective.generator)

    def _fake(self, x: Tensor, y: Tensor | None) -> Tensor:
        z = own_rows(lambda n: self.prior(n, self.latent, x.device), len(x))
        fake: Tensor = self.generator(z, y)
        return fake

    def _project(self, loss: Loss) -> None:
        if self.objective.project:
            self.objective.project(self.discriminator)


def _loss(duel: Duel, terms: Mapping[str, Term]) -> Loss:
    made = {name: term(duel) for name, term in terms.items()}
    seen = {name: vars(duel)[name].detach() for name in _SEEN if name in vars(duel)}
    return Loss(made, seen)


_SEEN = ("x", "fake", "on_real", "on_fake")
