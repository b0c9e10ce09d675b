"""One player: an encoder and a decoder that reconstruct."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from saddlepoint.architecture import Architecture, Coder, Generator
from saddlepoint.draws import averaged, finite_or
from saddlepoint.game import Batch, Decodes, Encodes, Game, Loss, Player, Samples
from saddlepoint.ranges import Width
from saddlepoint.spec import Spec


def autoencoder(spec: Spec, network: Architecture, *, latent: Width = 8) -> Autoencoder:
    """An encoder and a decoder that minimise |x - dec(enc(x))|^2, summed over all numbers of a sample.

    Paper: Hinton & Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural Networks; Ghosh et al. 2020,
    From Variational to Deterministic Autoencoders (sampling)

    It is no model of samples by itself: to sample, codes are drawn from the Gaussian that fits the data's codes. With
    linear networks it finds the principal components.
    """
    return Autoencoder(Coder(network, spec, latent, join=False), Generator(network, spec, latent, "none"), latent)


class Autoencoder(Game, Samples, Decodes, Encodes):
    """Any encoder x -> z and decoder z -> x, and the running moments of the codes z (B, latent)."""

    mean: Tensor
    square: Tensor
    seen: Tensor

    def __init__(self, encoder: Coder, decoder: Generator, latent: int) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.register_buffer("mean", torch.zeros(latent))
        self.register_buffer("square", torch.eye(latent))
        self.register_buffer("seen", torch.zeros(()))

    def players(self) -> Sequence[Player]:
        return (Player("autoencoder", [self.encoder, self.decoder], self.loss, after=self._follow),)

    def loss(self, batch: Batch, step: int) -> Loss:
        """The squared error, summed over a sample and averaged over the batch."""
        x = batch["x"]
        z = self.encoder(x)
        error = (x - self.decoder(z)).flatten(1).square().sum(1).mean()
        return Loss({"reconstruction": error}, {"z": z.detach()})

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Codes (B, latent) of samples x (B, *shape)."""
        z: Tensor = self.encoder(x)
        return z

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Samples (B, *shape) from codes z (B, latent)."""
        x: Tensor = self.decoder(z)
        return x

    def latents(self, n: int) -> Tensor:
        """`n` codes (n, latent) from the Gaussian of the data's codes."""
        # The covariance may be singular; a root exists, a Cholesky factor does not.
        values, vectors = torch.linalg.eigh(self.square - self.mean.outer(self.mean))
        root = vectors * values.clamp_min(0).sqrt()
        return self.mean + torch.randn(n, len(self.mean), device=self.mean.device) @ root.T

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """`n` samples (n, *shape), decoded from `latents`."""
        with torch.no_grad():
            return self.decode(self.latents(n))

    def _follow(self, loss: Loss) -> None:
        """Follow the codes' first two moments, over all processes, with the warm-up of moving averages."""
        z = loss.seen["z"].float()
        self.seen += 1
        share = 1 - (self.seen / (self.seen + 9)).clamp_max(_DECAY)
        for moment, now in ((self.mean, z.mean(0)), (self.square, z.T @ z / len(z))):
            moment.lerp_(finite_or(averaged(now), moment), share)


_DECAY = 0.99
