"""One player: an encoder before a frozen decoder, which was trained before."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from saddlepoint.architecture import Architecture, Coder
from saddlepoint.draws import own_rows
from saddlepoint.game import Batch, Decodes, Game, Loss, Player, Reconstructs, Samples, asks
from saddlepoint.schedule import Schedule, Weight, schedule
from saddlepoint.spec import Spec
from saddlepoint.trained import Trained


def encoder(
    spec: Spec,
    model: Trained[Decodes],
    network: Architecture,
    *,
    reconstruction: Weight = 1.0,
) -> Inverse:
    """An encoder learns the way back from samples to the latents that a trained generator makes them of.

    Paper: Donahue et al. 2017, Adversarial Feature Learning, section 4.1 (latent regressor); Perarnau et al. 2016,
    Invertible Conditional GANs for Image Editing; Antipov et al. 2017, Face Aging with Conditional Generative
    Adversarial Networks, equation 2 (pixels)

    encoder: E|E(G(z)) - z|^2 on the generator's own samples, whose latents are known, and `reconstruction`
    E|G(E(x)) - x| on real ones, both means over numbers. The generator G is frozen: it is looked through and not moved.
    Real samples come into its latents in one pass, where a search takes hundreds of steps for each. Where G is asked by
    a class or something else, E is told it too. It is judged by real samples that it makes again.
    """
    model.refuse_others(spec, "encoder")
    latent = model.able.latents(1).shape[1]
    coder = Coder(network, model.spec, latent, join=model.conditional)
    return Inverse(coder, model, schedule(reconstruction))


class Inverse(Game, Samples, Reconstructs):
    """An encoder (x, y) -> z of a frozen decoder's latents; it samples as the decoder's model does."""

    def __init__(self, coder: Coder, model: Trained[Decodes], reconstruction: Schedule) -> None:
        super().__init__()
        self.encoder, self.model, self.reconstruction = coder, model, reconstruction
        self.classes = model.game.classes if isinstance(model.game, Samples) else 0

    @property
    def asks(self) -> bool:
        return asks(self.model.game)

    def players(self) -> Sequence[Player]:
        return (Player("encoder", [self.encoder], self.loss),)

    def loss(self, batch: Batch, step: int) -> Loss:
        """How far codes of samples are from their latents, and what is made of real samples' codes from these."""
        x, y = batch["x"], batch.get("y")
        with torch.no_grad():
            z = own_rows(self.latents, len(x))
            fake = self.decode(z, y)
        again = self.decode(self.encode(x, y), y)
        terms = {
            "latent": (self.encode(fake, y) - z).square().mean(),
            "reconstruction": self.reconstruction(step) * (again - x).abs().mean(),
        }
        return Loss(terms, {"x": x, "fake": again.detach()})

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Latents (B, latent) of samples x (B, *shape), of classes y (B,) or given y where the decoder asks."""
        z: Tensor = self.encoder(x, y)
        return z

    def latents(self, n: int) -> Tensor:
        """`n` latents (n, latent) from the decoder's prior."""
        return self.model.able.latents(n)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Samples (B, *shape) of the decoder from latents z (B, latent)."""
        return self.model.able.decode(z, y if self.model.conditional else None)

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """`n` samples (n, *shape) of the decoder's model."""
        if isinstance(self.model.game, Samples):
            return self.model.game.sample(n, y)
        with torch.no_grad():
            return self.decode(self.latents(n))
