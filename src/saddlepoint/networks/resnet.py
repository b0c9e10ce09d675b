"""Residual blocks."""

from __future__ import annotations

import itertools
from math import prod

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, leaky_relu

from saddlepoint.architecture import Architecture, Decoder, Encoder, as_image
from saddlepoint.layers.hidden import Hidden, after
from saddlepoint.layers.minibatch import Minibatch, across
from saddlepoint.layers.normalisation import Norm, Normalised
from saddlepoint.layers.sizes import even, sides, widths
from saddlepoint.layers.spectral import spectral
from saddlepoint.ranges import Width


def resnet(
    *,
    width: Width = 64,
    generator_norm: Norm = "batch",
    hidden: Hidden = "leaky_relu",
    spectral_norm: bool = False,
    minibatch: Minibatch = "none",
) -> Architecture:
    """Residual blocks with nearest-neighbour upsampling and average pooling, for images of any size.

    Paper: Miyato et al. 2018, Spectral Normalization for Generative Adversarial Networks, appendix B.4

    Sizes and channels as in `dcgan`. `hidden` is the generator's. The discriminator has no norm, or `spectral_norm`,
    and sums its last features over all places; `minibatch` is what it sees across the batch. A residual branch starts
    at zero, so that the network starts as its shortcuts.
    """
    return Architecture(
        decoder=lambda inputs, shape, classes: _Up(inputs, shape, classes, width, generator_norm, hidden),
        encoder=lambda shape: across(minibatch, _Down(shape, width, spectral_norm)),
    )


class _UpBlock(nn.Module):
    def __init__(self, a: int, b: int, classes: int, norm: Norm, hidden: Hidden) -> None:
        super().__init__()
        self.hidden = after(hidden)
        self.first, self.second = nn.Conv2d(a, b, 3, padding=1), nn.Conv2d(b, b, 3, padding=1)
        self.norms = nn.ModuleList([Normalised(norm, a, classes), Normalised(norm, b, classes)])
        self.shortcut = nn.Conv2d(a, b, 1)
        nn.init.zeros_(self.second.weight)

    def forward(self, h: Tensor, y: Tensor | None, size: tuple[int, int]) -> Tensor:
        branch = self.first(interpolate(self.hidden(self.norms[0](h, y)), size))
        branch = self.second(self.hidden(self.norms[1](branch, y)))
        return branch + interpolate(self.shortcut(h), size)


class _Up(Decoder):
    def __init__(
        self, inputs: int, shape: tuple[int, ...], classes: int, width: int, norm: Norm, hidden: Hidden
    ) -> None:
        super().__init__()
        channels, *size = as_image(shape)
        self.shape, self.hidden = shape, after(hidden)
        *self.sizes, self.start = sides(*size)
        out = widths(width, len(self.sizes))
        self.widest = out[-1]
        self.first = nn.Linear(inputs, self.widest * prod(self.start))
        self.blocks = nn.ModuleList(
            _UpBlock(a, b, classes, norm, hidden) for a, b in zip(out, [out[0], *out], strict=False)
        )
        self.norm = Normalised(norm, out[0], classes)
        self.last = nn.Conv2d(out[0], channels, 3, padding=1)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        h = self.first(z).view(-1, *self.start, self.widest).permute(0, 3, 1, 2)
        for block, size in zip(reversed(self.blocks), reversed(self.sizes), strict=True):
            h = block(h, y, size)
        return self.last(self.hidden(self.norm(h, y))).reshape(-1, *self.shape)


class _DownBlock(nn.Module):
    def __init__(self, a: int, b: int, spectral_norm: bool, *, start: bool) -> None:
        super().__init__()
        self.start = start
        second = nn.Conv2d(b, b, 3, padding=1)
        if not spectral_norm:
            nn.init.zeros_(second.weight)
        self.first = spectral(nn.Conv2d(a, b, 3, padding=1), spectral_norm)
        self.second = spectral(second, spectral_norm)
        self.shortcut = spectral(nn.Conv2d(a, b, 1), spectral_norm)

    def forward(self, h: Tensor) -> Tensor:
        h = even(h)
        branch = self.first(h if self.start else leaky_relu(h, 0.2))
        branch = self.second(leaky_relu(branch, 0.2))
        return avg_pool2d(branch, 2) + self.shortcut(avg_pool2d(h, 2))


class _Down(Encoder):
    def __init__(self, shape: tuple[int, ...], width: int, spectral_norm: bool) -> None:
        super().__init__()
        channels, *size = self.image = as_image(shape)
        out = [channels, *widths(width, len(sides(*size)) - 1)]
        self.features = out[-1]
        self.blocks = nn.ModuleList(
            _DownBlock(a, b, spectral_norm, start=stage == 0) for stage, (a, b) in enumerate(itertools.pairwise(out))
        )

    def forward(self, x: Tensor) -> Tensor:
        h = x.view(-1, *self.image)
        for block in self.blocks:
            h = block(h)
        return leaky_relu(h, 0.2).sum((2, 3))
