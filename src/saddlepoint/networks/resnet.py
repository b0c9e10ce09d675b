"""Residual blocks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import prod
from typing import Annotated

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, leaky_relu

from saddlepoint.architecture import Architecture, Decoder, Encoder, Translator, as_image
from saddlepoint.errors import BadOption
from saddlepoint.layers.attention import Attention
from saddlepoint.layers.enlarging import Doubled
from saddlepoint.layers.hidden import Hidden, after
from saddlepoint.layers.minibatch import Minibatch, across
from saddlepoint.layers.normalisation import Norm, Normalised
from saddlepoint.layers.patches import Field, Patches
from saddlepoint.layers.products import Convolution
from saddlepoint.layers.residual import Layer, Residual, reflected
from saddlepoint.layers.sizes import even, sides, widths
from saddlepoint.layers.spectral import spectral
from saddlepoint.layers.started import started
from saddlepoint.layers.translating import sized
from saddlepoint.ranges import Depth, Range, Width


def resnet(
    *,
    width: Width = 64,
    generator_norm: Norm = "batch",
    hidden: Hidden = "leaky_relu",
    spectral_norm: bool = False,
    minibatch: Minibatch = "none",
    blocks: Depth = 6,
    translator_norm: Norm = "instance",
    field: Field = "whole",
    attention: Annotated[int, Range(0, 1024)] = 0,
) -> Architecture:
    """Residual blocks, from latents or other pictures to pictures of any size.

    Paper: Miyato et al. 2018, Spectral Normalization for Generative Adversarial Networks, appendix B.4; Johnson et al.
    2016, Perceptual Losses for Real-Time Style Transfer, and Zhu et al. 2017, CycleGAN, appendix (the translator);
    Zhang et al. 2019, Self-Attention Generative Adversarial Networks (attention)

    Sizes and channels as in `dcgan`, with nearest-neighbour upsampling and average pooling; `hidden` is the
    generator's. The discriminator has no norm, or `spectral_norm`, and sums its last features over all places;
    `minibatch` is what it sees across the batch. With `attention` 16 the places of the first maps of at most 16 a side
    see each other, in generator and discriminator. A residual branch starts at zero, so that the network starts as its
    shortcuts. The translator has `width` channels at the full size and halves the sides twice, its `blocks` residual
    blocks at the smallest size, without skips. A `field` of so many pixels a side is scored place by place.
    """
    if minibatch != "none" and field != "whole":
        raise BadOption(f"network.minibatch {minibatch} looks across whole pictures; take --network.field whole")

    def encoder(shape: tuple[int, ...]) -> Encoder:
        if field == "whole":
            return across(minibatch, _Down(shape, width, spectral_norm, attention))
        return Patches(field, shape, width, "none", spectral_norm)

    return Architecture(
        decoder=lambda inputs, shape, classes: _Up(inputs, shape, classes, width, generator_norm, hidden, attention),
        encoder=encoder,
        translator=lambda given, shape: _Across(given, shape, width, blocks, translator_norm, hidden),
    )


class _UpBlock(nn.Module):
    def __init__(self, a: int, b: int, classes: int, norm: Norm, hidden: Hidden) -> None:
        super().__init__()
        self.hidden = after(hidden)
        self.first, self.second = Convolution(a, b, 3, padding=1), Convolution(b, b, 3, padding=1)
        self.norms = nn.ModuleList([Normalised(norm, a, classes), Normalised(norm, b, classes)])
        self.shortcut = nn.Conv2d(a, b, 1)
        nn.init.zeros_(self.second.weight)

    def forward(self, h: Tensor, y: Tensor | None, size: tuple[int, int]) -> Tensor:
        branch = self.first(interpolate(self.hidden(self.norms[0](h, y)), size))
        branch = self.second(self.hidden(self.norms[1](branch, y)))
        return branch + interpolate(self.shortcut(h), size)


class _Up(Decoder):
    def __init__(
        self,
        inputs: int,
        shape: tuple[int, ...],
        classes: int,
        width: int,
        norm: Norm,
        hidden: Hidden,
        attention: int,
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
        self.looking = _looking(self.sizes, [out[0], *out[:-1]], attention)
        self.norm = Normalised(norm, out[0], classes)
        self.last = nn.Conv2d(out[0], channels, 3, padding=1)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        h = self.first(z).view(-1, *self.start, self.widest).permute(0, 3, 1, 2)
        for block, look, size in zip(reversed(self.blocks), reversed(self.looking), reversed(self.sizes), strict=True):
            h = look(block(h, y, size))
        return self.last(self.hidden(self.norm(h, y))).reshape(-1, *self.shape)


class _DownBlock(nn.Module):
    def __init__(self, a: int, b: int, spectral_norm: bool, *, start: bool) -> None:
        super().__init__()
        self.start = start
        second = Convolution(b, b, 3, padding=1)
        if not spectral_norm:
            nn.init.zeros_(second.weight)
        self.first = spectral(Convolution(a, b, 3, padding=1), spectral_norm)
        self.second = spectral(second, spectral_norm)
        self.shortcut = spectral(nn.Conv2d(a, b, 1), spectral_norm)

    def forward(self, h: Tensor) -> Tensor:
        h = even(h)
        branch = self.first(h if self.start else leaky_relu(h, 0.2))
        branch = self.second(leaky_relu(branch, 0.2))
        return avg_pool2d(branch, 2) + self.shortcut(avg_pool2d(h, 2))


class _Down(Encoder):
    def __init__(self, shape: tuple[int, ...], width: int, spectral_norm: bool, attention: int) -> None:
        super().__init__()
        channels, *size = self.image = as_image(shape)
        _, *smaller = sides(*size)
        out = [channels, *widths(width, len(smaller))]
        self.features = out[-1]
        self.blocks = nn.ModuleList(
            _DownBlock(a, b, spectral_norm, start=stage == 0) for stage, (a, b) in enumerate(itertools.pairwise(out))
        )
        self.looking = _looking(smaller, out[1:], attention, spectral_norm)

    def forward(self, x: Tensor) -> Tensor:
        h = x.view(-1, *self.image)
        for block, look in zip(self.blocks, self.looking, strict=True):
            h = look(block(h))
        return leaky_relu(h, 0.2).sum((2, 3))


def _looking(
    sizes: Sequence[tuple[int, int]], channels: Sequence[int], attention: int, spectral_norm: bool = False
) -> nn.ModuleList:
    """What looks across maps of these sizes, the greatest first: the first that are small enough, if any are."""
    at = next((place for place, size in enumerate(sizes) if max(size) <= attention), None)
    layers = (Attention(wide, spectral_norm) if place == at else nn.Identity() for place, wide in enumerate(channels))
    return nn.ModuleList(layers)


class _Across(Translator):
    skips = False

    def __init__(
        self, given: tuple[int, ...], shape: tuple[int, ...], width: int, blocks: int, norm: Norm, hidden: Hidden
    ) -> None:
        super().__init__()
        inputs, (channels, *size) = as_image(given)[0], as_image(shape)
        self.sizes = sides(*size, largest=2)[: _HALVINGS + 1]
        steps = list(itertools.pairwise(width * 2**stage for stage in range(len(self.sizes))))
        most = width * 2 ** len(steps)
        self.first = Layer(started(nn.Conv2d(inputs, width, _STEM)), width, norm, hidden)
        self.halving = nn.ModuleList(
            Layer(started(nn.Conv2d(a, b, 3, stride=2, padding=1)), b, norm, hidden) for a, b in steps
        )
        self.blocks = nn.ModuleList(Residual(most, norm, hidden) for _ in range(blocks))
        self.doubling = nn.ModuleList(Layer(Doubled(b, a), a, norm, hidden) for a, b in steps)
        self.last = started(nn.Conv2d(width, channels, _STEM), 0.1)

    def down(self, y: Tensor) -> list[Tensor]:
        """As in the interface: the input, each halving, and the first half of the residual blocks."""
        maps = [sized(y, self.sizes[0])]
        maps.append(self.first(reflected(maps[0], _STEM // 2)))
        for layer in [*self.halving, *self.blocks[: len(self.blocks) // 2]]:
            maps.append(layer(maps[-1]))
        return maps

    def up(self, maps: Sequence[Tensor]) -> Tensor:
        h = maps[-1]
        for block in self.blocks[len(self.blocks) // 2 :]:
            h = block(h)
        for layer, (height, width) in zip(reversed(self.doubling), reversed(self.sizes[:-1]), strict=True):
            h = layer(h)[..., :height, :width]
        x: Tensor = self.last(reflected(h, _STEM // 2))
        return x


# Convolutions of 7x7 at the ends, and two halvings, as in the papers.
_STEM, _HALVINGS = 7, 2
