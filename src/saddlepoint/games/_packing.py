"""Packing: a discriminator that judges several samples at once sees when they are too alike."""

from __future__ import annotations

from torch import Tensor

from saddlepoint.duel import Duel, Objective
from saddlepoint.errors import BadOption


def packing(objective: Objective, pack: int) -> Objective:
    """`objective` before packs of `pack` samples, all real or all fake, joined along the channels.

    Paper: Lin et al. 2018, PacGAN: The power of two samples in generative adversarial networks, section 3

    Penalties too are of packs. Raises `BadOption`, in training, for a batch that does not divide into packs.
    """
    if pack == 1:
        return objective

    def view(duel: Duel) -> Duel:
        labels = None if duel.y is None else duel.y.unflatten(0, (-1, pack))
        return Duel(duel.discriminator, packed(duel.x, pack), packed(duel.fake, pack), labels, duel.step)

    return objective.seeing(view)


def packed(x: Tensor, pack: int) -> Tensor:
    """Samples (B, C, ...) as packs (B / pack, pack C, ...); raises `BadOption` where B does not divide."""
    if len(x) % pack:
        raise BadOption(
            f"{len(x)} samples do not divide into packs of {pack}; "
            f"take --batch, divided by processes and --run.accumulate, a multiple of {pack}"
        )
    return x.reshape(len(x) // pack, pack * x.shape[1], *x.shape[2:])
