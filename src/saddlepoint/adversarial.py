"""The two-player base that games are built on: a generator against a discriminator under an objective."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from saddlepoint.architecture import Discriminator
from saddlepoint.conditional import Conditional
from saddlepoint.draws import own_rows
from saddlepoint.duel import Duel, Objective, Term
from saddlepoint.errors import Unfit
from saddlepoint.game import Batch, Decodes, Discerns, Loss, Player
from saddlepoint.layers.minibatch import Across
from saddlepoint.own import Scorer
from saddlepoint.prior import Prior


class GAN(Conditional, Decodes, Discerns):
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
        *,
        generator_steps: int = 1,
    ) -> None:
        super().__init__(shares)
        self.generator, self.discriminator = generator, discriminator
        self.average = deepcopy(generator).requires_grad_(False).eval()
        self.objective, self.prior, self.latent = objective, prior, latent
        self.generator_steps = generator_steps

    def players(self) -> Sequence[Player]:
        return (
            Player(
                "discriminator",
                [self.discriminator],
                self.discriminator_loss,
                steps=self.objective.discriminator_steps,
                after=self._project,
            ),
            Player(
                "generator",
                [self.generator],
                self.generator_loss,
                steps=self.generator_steps,
                averages=[(self.generator, self.average)],
            ),
        )

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Samples (B, *shape) of the averaged generator from latents z (B, latent) and labels y (B,)."""
        x: Tensor = self.average(z, y)
        return x

    def discern(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The discriminator's raw scores (B,), the mean of its places' where it scores places.

        Raises `Unfit` where it scores packs, or looks across the batch.
        """
        if any(isinstance(m, Across) or (isinstance(m, Discriminator | Scorer) and m.pack > 1) for m in self.modules()):
            raise Unfit("this discriminator does not score samples one by one")
        scores: Tensor = self.discriminator(x, y)
        return scores if len(scores) == len(x) else scores.view(len(x), -1).mean(1)

    def latents(self, n: int) -> Tensor:
        """`n` latents (n, latent) from the prior."""
        return self.prior(n, self.latent, self.device)

    def draw(self, n: int, y: Tensor | None) -> Tensor:
        return self.decode(self.latents(n), y)

    def discriminator_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for the discriminator, before fakes that carry no graph of the generator."""
        x, y = batch["x"], batch.get("y")
        with torch.no_grad():
            fake = self.generator(self.latents_for(x), y)
        # Tracking costs nothing where no penalty asks: the backward pass stops at the parameters.
        duel = Duel(self.discriminator, x.detach().requires_grad_(), fake.requires_grad_(), y, step)
        return terms_of(duel, self.objective.discriminator)

    def generator_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for the generator."""
        x, y = batch["x"], batch.get("y")
        duel = Duel(self.discriminator, x, self.generator(self.latents_for(x), y), y, step)
        return terms_of(duel, self.objective.generator)

    def latents_for(self, x: Tensor) -> Tensor:
        """Latents for a batch x (B, ...) in training: this process's own rows of everybody's."""
        return own_rows(self.latents, len(x))

    def _project(self, loss: Loss) -> None:
        if self.objective.project:
            self.objective.project(self.discriminator)


def terms_of(duel: Duel, terms: Mapping[str, Term]) -> Loss:
    """The loss of these terms at a duel, with what they looked at."""
    made = {name: term(duel) for name, term in terms.items()}
    known = {name: value for one in reversed(list(duel.looked_at())) for name, value in vars(one).items()}
    return Loss(made, {name: known[name].detach() for name in _SEEN if name in known})


_SEEN = ("x", "fake", "on_real", "on_fake")
