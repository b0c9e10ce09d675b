"""Normalisation layers that may depend on the label."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

Norm = Literal["none", "batch", "instance", "layer"]


class Normalised(nn.Module):
    """h (B, C, ...) normalised, then scaled and shifted per channel: by the label (B,) where `classes` > 0.

    In the place of labels there may be vectors (B, classes), of which a label is the one-hot case.

    Paper: Dumoulin et al. 2017, A Learned Representation For Artistic Style, equation 5 (conditional)
    """

    def __init__(self, norm: Norm, channels: int, classes: int = 0) -> None:
        super().__init__()
        self.norm = _LAYERS[norm](channels, not classes)
        self.table = nn.Embedding(classes, 2 * channels) if classes else None
        if self.table is not None:
            nn.init.zeros_(self.table.weight)

    def forward(self, h: Tensor, y: Tensor | None = None) -> Tensor:
        h = self.norm(h)
        if self.table is None:
            return h
        asked = self.table(y) if y is None or not y.is_floating_point() else y @ self.table.weight
        gain, bias = asked[(..., *[None] * (h.dim() - 2))].chunk(2, dim=1)
        return h * (1 + gain) + bias


class _Batch(nn.BatchNorm2d):
    """Batch norm of vectors and images alike, whose running moments pass over a batch that is not finite."""

    def _check_input_dim(self, input: Tensor) -> None:
        return None

    def forward(self, input: Tensor) -> Tensor:
        moments = [
            running for running in (self.running_mean, self.running_var) if self.training and running is not None
        ]
        before = [running.clone() for running in moments]
        h = super().forward(input)
        for running, kept in zip(moments, before, strict=True):
            # A backward pass may yet look at them, and asks for the version that it saw.
            running.data.copy_(running.where(running.isfinite(), kept))
        return h


class _Group(nn.GroupNorm):
    """Group norm of vectors and images; of images channels last torch's own takes up to ten times as long."""

    def forward(self, input: Tensor) -> Tensor:
        if input.dim() != 4 or input.is_contiguous():
            return super().forward(input)
        return super().forward(input.contiguous()).contiguous(memory_format=torch.channels_last)


_LAYERS: dict[str, Callable[[int, bool], nn.Module]] = {
    "none": lambda channels, affine: nn.Identity(),
    "batch": lambda channels, affine: _Batch(channels, affine=affine),
    "instance": lambda channels, affine: _Group(channels, channels, affine=affine),
    "layer": lambda channels, affine: _Group(1, channels, affine=affine),
}
