"""Two players and three networks: the third reads the generator's codes in its samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, leaky_relu, one_hot

from saddlepoint.adversarial import GAN, terms_of
from saddlepoint.architecture import Architecture, Discriminator, Generator
from saddlepoint.duel import Duel, Objective
from saddlepoint.errors import BadOption
from saddlepoint.game import Batch, Codes, Loss, Player
from saddlepoint.prior import Prior
from saddlepoint.ranges import Amount, Range
from saddlepoint.spec import Spec

Size = Annotated[int, Range(0, 10_000)]


def infogan(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    prior: Prior,
    *,
    noise: Size = 62,
    codes: Size = 10,
    continuous: Size = 2,
    code_weight: Amount = 1.0,
    continuous_weight: Amount = 0.1,
) -> InfoGAN:
    """The generator's latent holds codes that can be read in its samples; labels are not used.

    Paper: Chen et al. 2016, InfoGAN: Interpretable Representation Learning by Information Maximizing GANs, equation 6

    A latent is `noise` numbers from the prior, a one-hot code of `codes` values and `continuous` codes from U(-1, 1).
    The generator and a reader Q on top of the discriminator's features minimise, beside the objective, the
    cross-entropy of the code times `code_weight` and half the squared error of the continuous codes (a Gaussian of
    deviation 1) times `continuous_weight`. Q never sees real samples, and reads fakes as they are, whatever a
    regularizer shows the discriminator; the discriminator's trunk is moved by the discriminator alone.
    """
    if codes == 1 or codes + continuous == 0:
        raise BadOption(
            "infogan wants a code: codes of at least 2 values, or continuous ones; "
            f"got codes {codes}, continuous {continuous}"
        )
    discriminator = Discriminator(network, spec, "none")
    return InfoGAN(
        Generator(network, spec, noise + codes + continuous, "none"),
        discriminator,
        Reader(discriminator.encoder.features, codes, continuous),
        objective,
        prior,
        noise,
        (code_weight, continuous_weight),
    )


class Reader(nn.Module):
    """Q: the discriminator's features (B, F) to scores of the code (B, codes) and continuous codes (B, continuous)."""

    def __init__(self, features: int, codes: int, continuous: int) -> None:
        super().__init__()
        self.codes, self.continuous = codes, continuous
        self.hidden, self.last = nn.Linear(features, _WIDTH), nn.Linear(_WIDTH, codes + continuous)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        read = self.last(leaky_relu(self.hidden(features), 0.1)).float()
        return read[:, : self.codes], read[:, self.codes :]


class InfoGAN(GAN, Codes):
    """A GAN whose latents (B, noise + codes + continuous) end in codes that `reader` reads."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: Discriminator,
        reader: Reader,
        objective: Objective,
        prior: Prior,
        noise: int,
        weights: tuple[float, float],
    ) -> None:
        super().__init__(generator, discriminator, objective, prior, noise + reader.codes + reader.continuous)
        self.reader, self.noise, self.weights = reader, noise, weights
        self.codes = reader.codes

    def players(self) -> Sequence[Player]:
        discriminator, generator = super().players()
        return discriminator, replace(generator, networks=[self.generator, self.reader])

    def latents(self, n: int) -> Tensor:
        """`n` latents: noise from the prior, then codes drawn uniformly."""
        parts = [self.prior(n, self.noise, self.device)] if self.noise else []
        if self.codes:
            drawn = torch.randint(self.codes, (n,), device=self.device)
            parts.append(one_hot(drawn, self.codes).float())
        if self.reader.continuous:
            parts.append(2 * torch.rand(n, self.reader.continuous, device=self.device) - 1)
        return torch.cat(parts, dim=1)

    def coded(self, z: Tensor, code: Tensor) -> Tensor:
        """Latents z (B, latent) with their discrete code set to `code` (B,)."""
        hot = one_hot(code, self.codes).to(z.dtype)
        return torch.cat([z[:, : self.noise], hot, z[:, self.noise + self.codes :]], dim=1)

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What Q reads in samples x (B, *shape): log-probabilities (B, codes), and continuous codes (B, continuous)."""
        assert isinstance(self.discriminator, Discriminator)
        with torch.no_grad():
            code, continuous = self.reader(self.discriminator.features(x))
        return code.log_softmax(1), continuous

    def generator_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for the generator, and how badly its codes are read."""
        x = batch["x"]
        z = self.latents_for(x)
        duel = Duel(self.discriminator, x, self.generator(z), None, step)
        loss = terms_of(duel, self.objective.generator)
        code, continuous = self.reader(duel.fake_features)
        terms = dict(loss.terms)
        if self.codes:
            drawn = z[:, self.noise : self.noise + self.codes].argmax(1)
            terms["code"] = self.weights[0] * cross_entropy(code, drawn)
        if self.reader.continuous:
            error = continuous - z[:, self.noise + self.codes :]
            terms["continuous"] = self.weights[1] * 0.5 * error.square().sum(1).mean()
        return Loss(terms, {**loss.seen, "z": z.detach()})

    def discriminator_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for the discriminator; labels are not used."""
        return super().discriminator_loss({"x": batch["x"]}, step)


_WIDTH = 128
