"""Residual blocks of grouped convolutions without norms."""

from __future__ import annotations

import itertools
from math import prod, sqrt
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, leaky_relu, pad

from saddlepoint.architecture import Architecture, Decoder, Encoder, as_image
from saddlepoint.layers.sizes import even, sides, widths
from saddlepoint.ranges import Range, Width


def r3gan(*, width: Width = 64, blocks: Annotated[int, Range(1, 100)] = 2, group: Width = 16) -> Architecture:
    """Mirrored stages of residual blocks, each an expansion, a grouped convolution and a projection; no norm anywhere.

    Paper: Huang et al. 2024, The GAN is dead; long live the GAN! A Modern Baseline GAN, section 4 and appendix

    Sides are halved (rounding up) until none exceeds 7, with `blocks` blocks at each size and `width` channels at the
    full one, twice as many at each halving, at most eight times; a block has twice its channels inside, in groups of
    `group`. Sizes change by bilinear interpolation. The generator starts from learned maps, scaled by the latent; the
    discriminator ends in a weighted sum over places for each channel.
    """
    return Architecture(
        decoder=lambda inputs, shape, classes: _Up(inputs, shape, width, blocks, group),
        encoder=lambda shape: _Down(shape, width, blocks, group),
    )


class _Block(nn.Module):
    """h + a projection, which starts at zero, of a grouped convolution of an expansion of h (B, C, H, W)."""

    def __init__(self, channels: int, group: int, depth: int) -> None:
        super().__init__()
        wide = 2 * channels
        self.expand = nn.Conv2d(channels, wide, 1)
        self.mix = nn.Conv2d(wide, wide, 3, padding=1, groups=max(wide // group, 1) if wide % group == 0 else 1)
        self.project = nn.Conv2d(wide, channels, 1, bias=False)
        for layer in (self.expand, self.mix):
            assert layer.bias is not None
            # So deep networks start at the variance of their input: the paper's, for two layers before the last.
            nn.init.normal_(layer.weight, std=_GAIN * depth**-0.25 / sqrt(layer.weight[0].numel()))
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.project.weight)

    def forward(self, h: Tensor) -> Tensor:
        inside = leaky_relu(self.mix(leaky_relu(self.expand(h), 0.2)), 0.2)
        made: Tensor = h + self.project(inside)
        return made


# What leaky ReLU of slope 0.2 leaves of the variance.
_GAIN = sqrt(2 / 1.04)


def _linear(inputs: int, outputs: int) -> nn.Conv2d:
    layer = nn.Conv2d(inputs, outputs, 1, bias=False)
    nn.init.normal_(layer.weight, std=1 / sqrt(inputs))
    return layer


def _stage(channels: int, blocks: int, group: int, stages: int) -> nn.Sequential:
    return nn.Sequential(*(_Block(channels, group, blocks * stages) for _ in range(blocks)))


class _Up(Decoder):
    def __init__(self, inputs: int, shape: tuple[int, ...], width: int, blocks: int, group: int) -> None:
        super().__init__()
        channels, *size = as_image(shape)
        self.shape, self.sizes = shape, sides(*size)
        out = widths(width, len(self.sizes))
        self.basis = nn.Parameter(torch.randn(out[-1], *self.sizes[-1]))
        self.first = nn.Linear(inputs, out[-1], bias=False)
        nn.init.normal_(self.first.weight, std=1 / sqrt(inputs))
        self.stages = nn.ModuleList(_stage(wide, blocks, group, len(out)) for wide in out)
        self.changes = nn.ModuleList(_linear(wide, narrow) for narrow, wide in itertools.pairwise(out))
        self.last = _linear(out[0], channels)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        h = self.stages[-1](self.first(z)[:, :, None, None] * self.basis)
        for stage, change, size in zip(
            reversed(self.stages[:-1]), reversed(self.changes), reversed(self.sizes[:-1]), strict=True
        ):
            h = stage(interpolate(change(h), size, mode="bilinear"))
        return self.last(h).reshape(-1, *self.shape)


class _Down(Encoder):
    def __init__(self, shape: tuple[int, ...], width: int, blocks: int, group: int) -> None:
        super().__init__()
        channels, *size = self.image = as_image(shape)
        steps = sides(*size)
        out = widths(width, len(steps))
        self.features = out[-1]
        self.first = _linear(channels, out[0])
        self.stages = nn.ModuleList(_stage(wide, blocks, group, len(out)) for wide in out)
        self.changes = nn.ModuleList(_linear(narrow, wide) for narrow, wide in itertools.pairwise(out))
        self.weights = nn.Parameter(torch.randn(out[-1], *steps[-1]) / sqrt(prod(steps[-1])))

    def forward(self, x: Tensor) -> Tensor:
        h = self.stages[0](self.first(x.view(-1, *self.image)))
        for stage, change in zip(self.stages[1:], self.changes, strict=True):
            h = stage(change(_halved(even(h))))
        return (h * self.weights).sum((2, 3))


def _halved(h: Tensor) -> Tensor:
    """Maps (B, C, H, W) at half their size: means of 4x4 places, weighed 1, 3, 3, 1 either way, as the way up does."""
    # Three means of 2x2 one after the other: a grouped convolution takes four times as long.
    return avg_pool2d(avg_pool2d(avg_pool2d(pad(h, (1, 1, 1, 1), mode="replicate"), 2, 1), 2, 1), 2)
