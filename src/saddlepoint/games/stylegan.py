"""A generator with styles against a discriminator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

import torch
from torch import Tensor

from saddlepoint.adversarial import GAN
from saddlepoint.architecture import (
    Architecture,
    Discriminator,
    DiscriminatorLabel,
    Generator,
    GeneratorLabel,
    Styled,
)
from saddlepoint.conditional import shares_for
from saddlepoint.draws import averaged, finite_or, normal, uniform
from saddlepoint.duel import Duel, Objective, weighted
from saddlepoint.errors import BadOption
from saddlepoint.game import Loss, Player, Styles
from saddlepoint.prior import Prior
from saddlepoint.ranges import Moves, Share, Width
from saddlepoint.schedule import Weight
from saddlepoint.spec import Spec


def stylegan(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    prior: Prior,
    *,
    latent: Width = 64,
    generator_label: GeneratorLabel = "norm",
    discriminator_label: DiscriminatorLabel = "projection",
    mixing: Share = 0.9,
    path_length: Weight = "2 every 4",
    discriminator_steps: Moves | None = None,
) -> GAN:
    """Latents become styles, one for each layer, which the generator is trained to take from two latents at once.

    Paper: Karras et al. 2019, A Style-Based Generator Architecture for GANs, sections 2 and 3; Karras et al. 2020,
    Analyzing and Improving the Image Quality of StyleGAN, section 3, equation 4

    A share `mixing` of the fakes takes the styles of its finer layers, from a layer drawn at random on, from another
    latent. `path_length` weighs how unlike the slopes |J^T noise| of samples over styles are to their running mean:
    (slope - mean)^2. Labels are embedded beside the latent, or joined to it. Raises `BadOption` for a network without
    styles.
    """
    moves = objective.discriminator_steps if discriminator_steps is None else discriminator_steps
    generator = StyledGenerator(network, spec, latent, generator_label)
    discriminator = Discriminator(network, spec, discriminator_label)
    objective = replace(objective, discriminator_steps=moves)
    shares = shares_for(spec, generator.label)
    return StyleGAN(generator, discriminator, objective, prior, latent, shares, mixing, path_length)


class StyledGenerator(Generator):
    """A generator `(z, y) -> x` in two halves, by way of styles w (B, layers, style)."""

    decoder: Styled

    def __init__(self, architecture: Architecture, spec: Spec, latent: int, label: GeneratorLabel) -> None:
        super().__init__(architecture, spec, latent, label)
        if not isinstance(self.decoder, Styled):
            raise BadOption("stylegan wants a network whose generator has styles; take --network stylegan2")

    def style(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Styles (B, layers, style), the same for each layer, of latents z (B, latent) and labels y (B,)."""
        return self.decoder.styles(*self.asked(z, y))

    def paint(self, w: Tensor) -> Tensor:
        """Samples (B, *shape) of styles w (B, layers, style)."""
        x: Tensor = self.bounded(self.decoder.painted(w))
        return x


class StyleGAN(GAN, Styles):
    """A generator with styles against a discriminator. `path` is the running mean of the slopes over styles."""

    generator: StyledGenerator
    average: StyledGenerator

    def __init__(
        self,
        generator: StyledGenerator,
        discriminator: Discriminator,
        objective: Objective,
        prior: Prior,
        latent: int,
        shares: Sequence[float],
        mixing: float,
        path_length: Weight,
    ) -> None:
        even_paths = weighted(path_length, self._unevenness)
        objective = replace(objective, generator={**objective.generator, "path_length": even_paths})
        super().__init__(generator, discriminator, objective, prior, latent, shares)
        self.mixing = mixing
        self.path: Tensor
        self.register_buffer("path", torch.zeros(()))

    def faked(self, x: Tensor, y: Tensor | None) -> Tensor:
        return self.generator.paint(self._mixed(self.generator.style(self.latents_for(x), y), x, y))

    def style(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.average.style(z, y)

    def paint(self, w: Tensor) -> Tensor:
        return self.average.paint(w)

    decode = Styles.decode

    def players(self) -> Sequence[Player]:
        discriminator, generator = super().players()
        return discriminator, replace(generator, after=self._follow)

    def _mixed(self, w: Tensor, x: Tensor, y: Tensor | None) -> Tensor:
        """Styles w (B, layers, style) of which a share has other finer ones."""
        layers = w.shape[1]
        if not self.mixing or layers < 2:
            return w
        other = self.generator.style(self.latents_for(x), y)
        first = 1 + (uniform(len(w), [1], w) * (layers - 1)).floor()
        kept = uniform(len(w), [1], w) >= self.mixing
        coarse = torch.arange(layers, device=w.device) < first
        return torch.where((coarse | kept)[:, :, None], w, other)

    def _unevenness(self, duel: Duel) -> Tensor:
        """The mean squared difference of slopes over styles from their running mean, of half of a batch."""
        x = duel.x[: max(1, len(duel.x) // 2)]
        y = None if duel.y is None else duel.y[: len(x)]
        slopes = self._slopes(x, y)
        now = averaged(slopes.detach().mean())
        duel.telling(path=now)
        return (slopes - self.path.lerp(now, _FOLLOWS)).square().mean()

    def _slopes(self, x: Tensor, y: Tensor | None) -> Tensor:
        """|J^T noise| (B,) for Gaussian noise in the place of samples x, at fresh styles."""
        with torch.autocast(x.device.type, enabled=False):
            w = self.generator.style(self.latents_for(x), y)
            made = self.generator.paint(w)
            noise = normal(len(x), x.shape[1:], made) / prod(x.shape[2:]) ** 0.5
            (slope,) = torch.autograd.grad((made * noise).sum(), w, create_graph=True)
        return slope.square().sum(2).mean(1).sqrt()

    def _follow(self, loss: Loss) -> None:
        if "path" in loss.seen:
            self.path.copy_(finite_or(self.path.lerp(loss.seen["path"], _FOLLOWS), self.path))


# How far the running mean moves at each look.
_FOLLOWS = 0.01
