"""What a hole is filled with, beside what is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import pad

Blend = Literal["poisson", "paste"]
_EXACT, _TINY = 1e-12, 1e-300


def paste(x: Tensor, made: Tensor, known: Tensor) -> Tensor:
    """x (N, ...) where it is `known` (N or 1, ...), and what is `made` (N, ...) elsewhere."""
    return torch.where(known > 0, x, made)


def poisson(x: Tensor, made: Tensor, known: Tensor) -> Tensor:
    """Images x (N, C, H, W) where they are `known` (N or 1, 1, H, W), elsewhere with the gradients of what is `made`.

    Paper: Perez, Gangnet & Blake 2003, Poisson Image Editing, equation 7

    Of all images that are x where it is known, the one whose differences between neighbours are nearest to those of
    what is made, in squares. Found by conjugate gradients in 64 bits.
    """
    hole = (known <= 0).double()
    start = paste(x.double(), made.double(), known)
    added = _conjugate_gradients(lambda f: hole * _laplacian(f), hole * _laplacian(made.double() - start))
    return paste(x, (start + added).to(x.dtype), known)


def _laplacian(f: Tensor) -> Tensor:
    """The sum of a place's differences from its neighbours, (N, C, H, W)."""
    wide = pad(f, (1, 1, 1, 1), mode="replicate")
    return 4 * f - wide[..., :-2, 1:-1] - wide[..., 2:, 1:-1] - wide[..., 1:-1, :-2] - wide[..., 1:-1, 2:]


def _conjugate_gradients(apply: Callable[[Tensor], Tensor], wanted: Tensor) -> Tensor:
    """The solution f of apply(f) = wanted (N, C, H, W), each image and channel by itself."""
    f, left, way = torch.zeros_like(wanted), wanted, wanted
    size = first = _squares(left)
    for _ in range(wanted[0, 0].numel()):
        if bool((size <= _EXACT * first).all()):
            break
        moved = apply(way)
        share = size / (way * moved).sum((2, 3), keepdim=True).clamp_min(_TINY)
        f, left = f + share * way, left - share * moved
        before, size = size, _squares(left)
        way = left + size / before.clamp_min(_TINY) * way
    return f


def _squares(f: Tensor) -> Tensor:
    return f.square().sum((2, 3), keepdim=True)


BLENDS: dict[Blend, Callable[[Tensor, Tensor, Tensor], Tensor]] = {"poisson": poisson, "paste": paste}
