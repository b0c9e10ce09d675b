"""A generator whose layers are scaled by styles, and a residual discriminator."""

from __future__ import annotations

import itertools
from math import prod, sqrt
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, leaky_relu

from saddlepoint.architecture import Architecture, Encoder, Styled, as_image
from saddlepoint.layers.equalised import equalised
from saddlepoint.layers.minibatch import Minibatch, across
from saddlepoint.layers.products import Convolution
from saddlepoint.layers.sizes import even, sides, widths
from saddlepoint.layers.strided import Strided
from saddlepoint.layers.styled import Mapping, Modulated, ToImage
from saddlepoint.ranges import Depth, Width


def stylegan2(
    *,
    width: Width = 32,
    style: Width = 64,
    mapping: Depth = 3,
    discriminator: Literal["residual", "strided"] = "residual",
    minibatch: Minibatch = "none",
) -> Architecture:
    """Styles from a mapping of `mapping` layers scale the weights of convolutions; images are summed up over sizes.

    Paper: Karras et al. 2020, Analyzing and Improving the Image Quality of StyleGAN, sections 2 and 4

    Sides are doubled from at most 7 on; `width` channels at the full size, twice as many at each halving, at most eight
    times. Styles are of `style` numbers. The discriminator is the paper's residual one, or the strided one of `dcgan`,
    at a third of its cost; `minibatch` is what it sees across the batch.
    """

    def encoder(shape: tuple[int, ...]) -> Encoder:
        if discriminator == "residual":
            return _Down(shape, width)
        return Strided(shape, 2 * width, "none", False)

    return Architecture(
        decoder=lambda inputs, shape, classes: _Up(inputs, shape, classes, width, style, mapping),
        encoder=lambda shape: across(minibatch, encoder(shape)),
    )


class _Up(Styled):
    def __init__(self, inputs: int, shape: tuple[int, ...], classes: int, width: int, style: int, depth: int) -> None:
        super().__init__()
        channels, *size = as_image(shape)
        self.shape, self.mapping = shape, Mapping(inputs, classes, style, depth)
        *larger, start = sides(*size)
        self.sizes = list(reversed(larger))
        out, style = list(reversed(widths(width, len(larger) + 1))), self.mapping.width
        self.start = nn.Parameter(torch.randn(1, out[0], *start))
        self.first = Modulated(out[0], out[0], style, start)
        self.ups = nn.ModuleList(
            Modulated(a, b, style, at, up=True) for (a, b), at in zip(itertools.pairwise(out), self.sizes, strict=True)
        )
        # The largest maps are seen once, for they cost the most.
        self.convolutions = nn.ModuleList(
            Modulated(b, b, style, at) for b, at in zip(out[1:-1], self.sizes[:-1], strict=True)
        )
        self.images = nn.ModuleList(ToImage(wide, channels, style) for wide in out)
        self.layers = 2 + 2 * len(self.ups) - 1

    def mapped(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        w: Tensor = self.mapping(z, y)
        return w

    def painted(self, w: Tensor) -> Tensor:
        styles = iter(w.unbind(1))
        h = self.first(self.start.expand(len(w), -1, -1, -1), next(styles))
        image = self.images[0](h, last := next(styles))
        for place, (up, size) in enumerate(zip(self.ups, self.sizes, strict=True)):
            h = up(h, last)
            if place < len(self.convolutions):
                h = self.convolutions[place](h, next(styles))
            last = next(styles)
            image = interpolate(image, size, mode="bilinear") + self.images[place + 1](h, last)
        return image.reshape(-1, *self.shape)


class _Down(Encoder):
    def __init__(self, shape: tuple[int, ...], width: int) -> None:
        super().__init__()
        channels, *size = self.image = as_image(shape)
        steps = sides(*size)
        out = widths(width, len(steps))
        self.first = equalised(nn.Conv2d(channels, out[0], 1))
        self.blocks = nn.ModuleList(_Block(a, b) for a, b in itertools.pairwise(out))
        self.last = equalised(Convolution(out[-1], out[-1], 3, padding=1))
        self.dense = equalised(nn.Linear(out[-1] * prod(steps[-1]), out[-1]))
        self.features = out[-1]

    def forward(self, x: Tensor) -> Tensor:
        h = leaky_relu(self.first(x.view(-1, *self.image)), 0.2)
        for block in self.blocks:
            h = block(h)
        return leaky_relu(self.dense(leaky_relu(self.last(h), 0.2).flatten(1)), 0.2)


class _Block(nn.Module):
    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.first = equalised(Convolution(a, a, 3, padding=1))
        self.second = equalised(Convolution(a, b, 3, padding=1))
        self.shortcut = equalised(nn.Conv2d(a, b, 1, bias=False), gain=1.0)

    def forward(self, h: Tensor) -> Tensor:
        h = even(h)
        branch = leaky_relu(self.second(leaky_relu(self.first(h), 0.2)), 0.2)
        # Each is of deviation one.
        return (avg_pool2d(branch, 2) + self.shortcut(avg_pool2d(h, 2))) / sqrt(2)
