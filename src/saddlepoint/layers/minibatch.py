"""Discriminators that look across the batch: a generator that collapses makes batches that look alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from saddlepoint.architecture import Encoder

Minibatch = Literal["none", "std", "discrimination"]

_KERNELS, _DIMENSIONS = 32, 4


def across(kind: Minibatch, encoder: Encoder) -> Encoder:
    """`encoder` with features of the whole batch beside each sample's own."""
    return _KINDS[kind](encoder)


def spread(h: Tensor) -> Tensor:
    """The standard deviation over the batch of features h (B, F), averaged over them: a scalar.

    Paper: Karras et al. 2018, Progressive Growing of GANs, section 3
    """
    return (h.var(0, correction=0) + 1e-8).sqrt().mean()


def closeness(m: Tensor) -> Tensor:
    """o_b(i) = sum over j != i of exp(-|m_ib - m_jb|_1) for matrices m (B, kernels, dimensions): (B, kernels).

    Paper: Salimans et al. 2016, Improved Techniques for Training GANs, section 3.2
    """
    # Written out because torch.cdist cannot be differentiated twice, as penalties need; a sample is 1 from itself.
    return (-(m[:, None] - m[None]).abs().sum(3)).exp().sum(1) - 1


class Across(Encoder):
    """An encoder whose features of a sample depend on the rest of the batch."""


class _Deviation(Across):
    def __init__(self, inner: Encoder) -> None:
        super().__init__()
        self.inner, self.features = inner, inner.features + 1

    def forward(self, x: Tensor) -> Tensor:
        h = self.inner(x)
        return torch.cat([h, spread(h).expand(len(h), 1)], dim=1)


class _Discrimination(Across):
    def __init__(self, inner: Encoder) -> None:
        super().__init__()
        self.inner, self.features = inner, inner.features + _KERNELS
        self.matrices = nn.Linear(inner.features, _KERNELS * _DIMENSIONS, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = self.inner(x)
        return torch.cat([h, closeness(self.matrices(h).unflatten(1, (_KERNELS, _DIMENSIONS)))], dim=1)


_KINDS: dict[str, Callable[[Encoder], Encoder]] = {
    "none": lambda encoder: encoder,
    "std": _Deviation,
    "discrimination": _Discrimination,
}
