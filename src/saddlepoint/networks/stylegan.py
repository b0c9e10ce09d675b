"""A generator whose layers are normalised and then scaled by styles, and which may grow."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from saddlepoint.architecture import Architecture, Styled, as_image
from saddlepoint.layers.equalised import equalised
from saddlepoint.layers.growing import Grows, Shrinking, by_size
from saddlepoint.layers.minibatch import Minibatch, across
from saddlepoint.layers.sizes import sides, widths
from saddlepoint.layers.styled import Adapted, Mapping
from saddlepoint.ranges import Depth, Whole, Width


def stylegan(
    *, width: Width = 32, style: Width = 64, mapping: Depth = 3, growth: Whole = 0, minibatch: Minibatch = "none"
) -> Architecture:
    """Styles from a mapping of `mapping` layers scale and shift the normalised maps of two layers at each size.

    Paper: Karras et al. 2019, A Style-Based Generator Architecture for Generative Adversarial Networks

    The generator starts from learned maps. `width` channels at the full size, twice as many at each halving, at most
    eight times; styles are of `style` numbers. The discriminator is that of `progressive`, and both grow as there over
    `growth` steps; `minibatch` is what it sees across the batch.
    """
    return Architecture(
        decoder=lambda inputs, shape, classes: _Up(inputs, shape, classes, width, style, mapping, growth),
        encoder=lambda shape: across(minibatch, Shrinking(shape, width, growth)),
    )


class _Up(Grows, Styled):
    def __init__(
        self, inputs: int, shape: tuple[int, ...], classes: int, width: int, style: int, depth: int, growth: int
    ) -> None:
        channels, *size = as_image(shape)
        steps = sides(*size)
        super().__init__(steps, growth)
        self.shape, self.mapping = shape, Mapping(inputs, classes, style, depth)
        out, style = list(reversed(widths(width, len(steps)))), self.mapping.width
        self.start = nn.Parameter(torch.ones(1, out[0], *steps[-1]))
        self.firsts = nn.ModuleList([Adapted(out[0], out[0], style, steps[-1], start=True)])
        self.firsts.extend(
            Adapted(a, b, style, at, up=True)
            for (a, b), at in zip(itertools.pairwise(out), self.upward[1:], strict=True)
        )
        self.seconds = nn.ModuleList(Adapted(b, b, style, at) for b, at in zip(out, self.upward, strict=True))
        self.outputs = by_size((equalised(nn.Conv2d(wide, channels, 1), gain=1.0) for wide in out), growth)
        self.layers = 2 * len(out)

    def mapped(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        w: Tensor = self.mapping(z, y)
        return w

    def painted(self, w: Tensor) -> Tensor:
        h, maps = self.start.expand(len(w), -1, -1, -1), list[Tensor]()
        place, _ = self.top
        for number, (first, second) in enumerate(zip(self.firsts[: place + 1], self.seconds, strict=False)):
            h = second(first(h, w[:, 2 * number]), w[:, 2 * number + 1])
            maps.append(h)
        return self.faded(maps, self.outputs).reshape(-1, *self.shape)
