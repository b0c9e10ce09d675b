"""Residual blocks at the size of what is given, then sub-pixel convolutions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import leaky_relu, relu

from saddlepoint.architecture import Architecture, Translator, as_image
from saddlepoint.layers.enlarging import SubPixel
from saddlepoint.layers.normalisation import Norm
from saddlepoint.layers.patches import Field, seeing
from saddlepoint.layers.translating import Added, sized, without_latents
from saddlepoint.ranges import Depth, Width


def srresnet(
    *,
    width: Width = 64,
    blocks: Depth = 8,
    field: Field = "70",
    discriminator_norm: Norm = "none",
    spectral_norm: bool = False,
) -> Architecture:
    """Turns small pictures into large ones: what it makes is added to the bicubic enlargement.

    Paper: Ledig et al. 2017, Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network,
    section 2.1; Lim et al. 2017, Enhanced Deep Residual Networks for Single Image Super-Resolution (without norms)

    `blocks` residual blocks of `width` channels at the size of what is given, then sub-pixel convolutions: each doubles
    or triples the sides. Where these are not both larger by the same product of twos and threes, what is given is
    brought to the sample's size first. The discriminator scores each `field` of so many pixels a side, or the whole
    picture; `discriminator_norm` and `spectral_norm` are its own.
    """
    return Architecture(
        decoder=without_latents("srresnet"),
        encoder=lambda shape: seeing(field, shape, width, discriminator_norm, spectral_norm),
        translator=lambda given, shape: Added(_Across(given, shape, width, blocks), shape),
    )


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.second.weight.data.mul_(0.1)

    def forward(self, h: Tensor) -> Tensor:
        return h + self.second(relu(self.first(h)))


class _Across(Translator):
    skips = True

    def __init__(self, given: tuple[int, ...], shape: tuple[int, ...], width: int, blocks: int) -> None:
        super().__init__()
        (inputs, *small), (channels, *large) = as_image(given), as_image(shape)
        factors = _factors(small, large)
        self.size = (small[0], small[1]) if factors else (large[0], large[1])
        self.first = nn.Conv2d(inputs, width, 3, padding=1)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(blocks))
        self.middle = nn.Conv2d(width, width, 3, padding=1)
        # The largest maps are the dearest: they are half as wide.
        out = [width] * len(factors) + [max(width // 2, 1) if factors else width]
        self.enlarging = nn.ModuleList(
            SubPixel(a, b, by) for (a, b), by in zip(itertools.pairwise(out), factors, strict=True)
        )
        self.last = nn.Conv2d(out[-1], channels, 3, padding=1)

    def down(self, y: Tensor) -> list[Tensor]:
        maps = [sized(y, self.size)]
        maps.append(leaky_relu(self.first(maps[0]), 0.2))
        for block in self.blocks:
            maps.append(block(maps[-1]))
        return maps

    def up(self, maps: Sequence[Tensor]) -> Tensor:
        h = self.middle(maps[-1]) + maps[1]
        for layer in self.enlarging:
            h = leaky_relu(layer(h), 0.2)
        x: Tensor = self.last(h)
        return x


def _factors(small: Sequence[int], large: Sequence[int]) -> list[int]:
    """The twos and threes by which both sides are larger, none where they are not.

    >>> _factors((16, 8), (192, 96)), _factors((16, 8), (80, 40)), _factors((8, 8), (16, 8))
    ([2, 2, 3], [], [])
    """
    by, found = large[0] // small[0], list[int]()
    if [by * side for side in small] != [*large]:
        return []
    for prime in (2, 3):
        while by % prime == 0:
            found.append(prime)
            by //= prime
    return found if by == 1 else []
