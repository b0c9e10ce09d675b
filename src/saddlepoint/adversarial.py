"""The two-player base that games are built on: a generator against a discriminator under an objective."""

from __future__ import annotations

from abc import abstractmethod
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
from saddlepoint.layers.growing import Grows
from saddlepoint.layers.minibatch import Across
from saddlepoint.own import Scorer
from saddlepoint.prior import Prior
from saddlepoint.spec import Asked


class Adversarial(Conditional, Discerns):
    """Any generator against any discriminator `(x, y) -> (B,)` under an objective.

    What is sampled is the generator's moving average. `shares` are the classes' shares for sampling without labels,
    empty for a game without classes.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        objective: Objective,
        shares: Sequence[float] = (),
        *,
        generator_steps: int = 1,
    ) -> None:
        super().__init__(shares)
        self.generator, self.discriminator = generator, discriminator
        self.average = deepcopy(generator).requires_grad_(False).eval()
        self.objective, self.generator_steps = objective, generator_steps
        self.controls = nn.ModuleList(objective.controls)
        self._growing = [module for module in self.modules() if isinstance(module, Grows) and module.growth]
        self.grown = max((network.growth for network in self._growing), default=0)

    @property
    def asks(self) -> bool:
        """Whether the generator must be given something else than a label."""
        return any(isinstance(module, Asked) and module.given is not None for module in self.generator.modules())

    @abstractmethod
    def faked(self, x: Tensor, y: Tensor | None) -> Tensor:
        """Fakes (B, *shape) of the generator in training, in the place of samples x (B, *shape) asked for by y."""

    def players(self) -> Sequence[Player]:
        return (
            Player(
                "discriminator",
                [self.discriminator],
                self.discriminator_loss,
                steps=self.objective.discriminator_steps,
                after=self.objective.following(self.discriminator),
            ),
            Player(
                "generator",
                [self.generator],
                self.generator_loss,
                steps=self.generator_steps,
                averages=[(self.generator, self.average)],
            ),
        )

    def discern(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The discriminator's raw scores (B,), the mean of its places' where it scores places.

        Raises `Unfit` where it scores packs, or looks across the batch.
        """
        if any(isinstance(m, Across) or (isinstance(m, Discriminator | Scorer) and m.pack > 1) for m in self.modules()):
            raise Unfit("this discriminator does not score samples one by one")
        return of_samples(self.discriminator(x, y), len(x))

    def discriminator_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for the discriminator, before fakes that carry no graph of the generator."""
        x, y = self._shown(batch["x"], step), batch.get("y")
        with torch.no_grad():
            fake = self.faked(x, y)
        return discriminated(self.discriminator, self.objective, x, fake, y, step)

    def generator_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for the generator."""
        x, y = self._shown(batch["x"], step), batch.get("y")
        duel = Duel(self.discriminator, x, self.faked(x, y), y, step)
        return terms_of(duel, self.objective.generator)

    def _shown(self, x: Tensor, step: int) -> Tensor:
        """Real samples as sharp as networks that grow make theirs at a step."""
        for network in self._growing:
            network.grow(step)
        return self._growing[0].shown(x) if self._growing else x


class GAN(Adversarial, Decodes):
    """A generator `(z, y) -> x` of latents: `latent` is the number of dimensions drawn from `prior`."""

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
        super().__init__(generator, discriminator, objective, shares, generator_steps=generator_steps)
        self.prior, self.latent = prior, latent

    def faked(self, x: Tensor, y: Tensor | None) -> Tensor:
        fake: Tensor = self.generator(self.latents_for(x), y)
        return fake

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Samples (B, *shape) of the averaged generator from latents z (B, latent) and labels y (B,)."""
        x: Tensor = self.average(z, y)
        return x

    def latents(self, n: int) -> Tensor:
        """`n` latents (n, latent) from the prior."""
        return self.prior(n, self.latent, self.device)

    def draw(self, n: int, y: Tensor | None) -> Tensor:
        return self.decode(self.latents(n), y)

    def latents_for(self, x: Tensor) -> Tensor:
        """Latents for a batch x (B, ...) in training: this process's own rows of everybody's."""
        return own_rows(self.latents, len(x))


def discriminated(
    discriminator: nn.Module, objective: Objective, x: Tensor, fake: Tensor, y: Tensor | None, step: int
) -> Loss:
    """An objective's terms for a discriminator before real x and fakes (B, ...) that carry no graph."""
    # Tracking costs nothing where no penalty asks: the backward pass stops at the parameters.
    duel = Duel(discriminator, x.detach().requires_grad_(), fake.detach().requires_grad_(), y, step)
    return terms_of(duel, objective.discriminator)


def of_samples(scores: Tensor, samples: int) -> Tensor:
    """Scores (B,) of so many samples: the means of their places' (B places,)."""
    return scores if len(scores) == samples else scores.view(samples, -1).mean(1)


def terms_of(duel: Duel, terms: Mapping[str, Term]) -> Loss:
    """The loss of these terms at a duel, with what they looked at."""
    made = {name: term(duel) for name, term in terms.items()}
    looked = list(duel.looked_at())
    known = {name: value for one in reversed(looked) for name, value in vars(one).items()}
    told = {name: value for one in looked for name, value in one.told.items()}
    return Loss(made, {name: known[name].detach() for name in _SEEN if name in known} | told)


_SEEN = ("x", "fake", "on_real", "on_fake")
