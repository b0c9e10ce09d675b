"""Samples of latents laid out in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Laid:
    """Samples x (R, C, *shape) in own units and their latents z (R, C, latent), or styles; what each row is called.

    Where it `moves` each row is a way, and its samples follow each other.
    """

    z: Tensor
    x: Tensor
    names: Sequence[str]
    moves: bool = False
