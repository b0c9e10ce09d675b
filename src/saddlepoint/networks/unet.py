"""Strided convolutions down and up again, each size on the way up beside the same on the way down."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from saddlepoint.architecture import Architecture, Translator, as_image
from saddlepoint.errors import BadOption
from saddlepoint.layers.dropout import Dropout
from saddlepoint.layers.enlarging import Doubled
from saddlepoint.layers.normalisation import Norm, Normalised
from saddlepoint.layers.patches import Field, seeing
from saddlepoint.layers.sizes import even, sides, widths
from saddlepoint.layers.started import started
from saddlepoint.layers.translating import Added, sized, without_latents
from saddlepoint.ranges import Count, ProperShare, Width


def unet(
    *,
    width: Width = 64,
    depth: Count = 5,
    norm: Norm = "none",
    dropout: ProperShare = 0.0,
    noise: bool = False,
    added: bool = False,
    field: Field = "70",
    discriminator_norm: Norm = "none",
    spectral_norm: bool = False,
) -> Architecture:
    """Turns pictures into pictures of any size, with skips between the way down and the way up.

    Paper: Ronneberger et al. 2015, U-Net; Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial
    Networks, section 3.2 and appendix

    Sides are halved `depth` times, but no further than 2 pixels; `width` channels at half the size, twice as many at
    each further halving, at most eight times. `norm` and `dropout`, at up to three of the smallest sizes, are the
    translator's; with `noise` dropout stays when pictures are made, which is all the noise there is in the paper. With
    `added` what is made is added to what is given. The discriminator scores each `field` of so many pixels a side, or
    the whole picture; `discriminator_norm` and `spectral_norm` are its own.
    """
    if noise and not dropout:
        raise BadOption("network.noise wants dropout that stays, and network.dropout is 0; take --network.dropout 0.5")

    def translator(given: tuple[int, ...], shape: tuple[int, ...]) -> Translator:
        across = _Across(given, shape, width, depth, norm, Dropout(dropout, always=noise))
        return Added(across, shape) if added else across

    return Architecture(
        decoder=without_latents("unet"),
        encoder=lambda shape: seeing(field, shape, width, discriminator_norm, spectral_norm),
        translator=translator,
    )


# Isola et al. drop at the three smallest sizes.
_DROPPED = 3


class _Contracting(nn.Module):
    """Images (B, inputs, H, W) to maps of each smaller size."""

    def __init__(self, inputs: int, out: Sequence[int], norm: Norm) -> None:
        super().__init__()
        steps = list(itertools.pairwise([inputs, *out]))
        self.layers = nn.ModuleList(started(nn.Conv2d(a, b, 4, stride=2, padding=1)) for a, b in steps)
        # None at the input, nor at the smallest maps: these may be of one place, of which a norm would leave nothing.
        bare = (0, len(out) - 1)
        self.norms = nn.ModuleList(Normalised("none" if i in bare else norm, b) for i, b in enumerate(out))

    def forward(self, y: Tensor) -> list[Tensor]:
        maps = [y]
        for layer, norm in zip(self.layers, self.norms, strict=True):
            maps.append(leaky_relu(norm(layer(even(maps[-1]))), 0.2))
        return maps


class _Expanding(nn.Module):
    """Maps of each size, from the full one down, to maps (B, out[0], H, W) beside the first."""

    def __init__(self, out: Sequence[int], norm: Norm, dropout: Dropout) -> None:
        super().__init__()
        self.middle = started(nn.Conv2d(out[-1], out[-1], 3, padding=1))
        beside = [*(2 * b for b in out[1:-1]), out[-1]]
        self.layers = nn.ModuleList(Doubled(b, a) for a, b in zip(out, beside, strict=False))
        self.norms = nn.ModuleList(Normalised(norm, a) for a in out[:-1])
        self.dropout, self.dropped = dropout, range(max(1, len(beside) - _DROPPED), len(beside))

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        h = maps[-1] + leaky_relu(self.middle(maps[-1]), 0.2)
        for stage in reversed(range(len(self.layers))):
            height, width = maps[stage].shape[2:]
            h = leaky_relu(self.norms[stage](self.layers[stage](h)[..., :height, :width]), 0.2)
            h = self.dropout(h) if stage in self.dropped else h
            h = torch.cat([h, maps[stage]], dim=1)
        return h


class _Across(Translator):
    skips = True

    def __init__(
        self, given: tuple[int, ...], shape: tuple[int, ...], width: int, depth: int, norm: Norm, dropout: Dropout
    ) -> None:
        super().__init__()
        inputs, (channels, *size) = as_image(given)[0], as_image(shape)
        self.size, halvings = (size[0], size[1]), len(sides(*size, largest=2)[1 : depth + 1])
        out = [max(width // 2, 1), *widths(width, halvings)]
        self.contracting = _Contracting(inputs, out[1:], norm)
        self.expanding = _Expanding(out, norm, dropout)
        self.last = started(nn.Conv2d(out[0] + inputs, channels, 3, padding=1), 0.1)

    def down(self, y: Tensor) -> list[Tensor]:
        maps: list[Tensor] = self.contracting(sized(y, self.size))
        return maps

    def up(self, maps: Sequence[Tensor]) -> Tensor:
        x: Tensor = self.last(self.expanding(maps))
        return x
