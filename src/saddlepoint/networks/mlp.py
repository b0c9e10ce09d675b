"""Fully connected networks."""

from __future__ import annotations

import itertools
from math import pi, prod
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from saddlepoint.architecture import Architecture, Decoder, Encoder
from saddlepoint.layers.hidden import Hidden, after
from saddlepoint.layers.minibatch import Minibatch, across
from saddlepoint.layers.normalisation import Norm, Normalised
from saddlepoint.layers.spectral import spectral
from saddlepoint.ranges import Depth, Range, Width


def mlp(
    *,
    width: Width = 256,
    depth: Depth = 3,
    norm: Norm = "none",
    hidden: Hidden = "relu",
    spectral_norm: bool = False,
    minibatch: Minibatch = "none",
    octaves: Annotated[int, Range(0, 16)] = 0,
) -> Architecture:
    """Fully connected layers, with leaky ReLU in the discriminator.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets, section 5; Tancik et al. 2020, Fourier Features Let
    Networks Learn High Frequency Functions in Low Dimensional Domains (octaves)

    `depth` hidden layers of `width`; `norm` and `hidden` are the generator's; `spectral_norm`, and `minibatch` (what it
    sees across the batch), the discriminator's. Beside each number x it sees sin and cos of pi x, 2 pi x, 4 pi x and so
    on, `octaves` of them: with these it tells what differs within a narrow mode.
    """
    return Architecture(
        decoder=lambda inputs, shape, classes: _Up(inputs, shape, classes, width, depth, norm, hidden),
        encoder=lambda shape: across(minibatch, _Down(shape, width, depth, spectral_norm, octaves)),
    )


class _Up(Decoder):
    def __init__(
        self, inputs: int, shape: tuple[int, ...], classes: int, width: int, depth: int, norm: Norm, hidden: Hidden
    ) -> None:
        super().__init__()
        self.shape, self.hidden = shape, after(hidden)
        sizes = [inputs, *[width] * depth]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(sizes))
        self.norms = nn.ModuleList(Normalised(norm, width, classes) for _ in range(depth))
        self.last = nn.Linear(sizes[-1], prod(shape))

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        for layer, norm in zip(self.layers, self.norms, strict=True):
            z = self.hidden(norm(layer(z), y))
        x: Tensor = self.last(z)
        return x.view(-1, *self.shape)


class _Down(Encoder):
    def __init__(self, shape: tuple[int, ...], width: int, depth: int, spectral_norm: bool, octaves: int) -> None:
        super().__init__()
        self.octaves = octaves
        seen = prod(shape) * (1 + 2 * octaves)
        self.features = width if depth else seen
        sizes = [seen, *[width] * depth]
        self.layers = nn.ModuleList(spectral(nn.Linear(a, b), spectral_norm) for a, b in itertools.pairwise(sizes))

    def forward(self, x: Tensor) -> Tensor:
        h = x.flatten(1)
        if self.octaves:
            waves = torch.cat([2**octave * pi * h for octave in range(self.octaves)], dim=1)
            h = torch.cat([h, waves.sin(), waves.cos()], dim=1)
        for layer in self.layers:
            h = leaky_relu(layer(h), 0.2)
        return h
