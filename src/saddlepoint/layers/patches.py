"""Scores by place: what sees a field of some pixels a side, at every place of an image."""

from __future__ import annotations

import itertools
from typing import Literal

from torch import Tensor, nn
from torch.nn.functional import leaky_relu, pad

from saddlepoint.architecture import Encoder, as_image
from saddlepoint.layers.normalisation import Norm, Normalised
from saddlepoint.layers.sizes import widths
from saddlepoint.layers.spectral import spectral
from saddlepoint.layers.started import started
from saddlepoint.layers.strided import Strided

Places = Literal["1", "16", "34", "70", "142", "286"]
Field = Literal["whole", "1", "16", "34", "70", "142", "286"]

_HALVINGS: dict[str, int] = {"16": 1, "34": 2, "70": 3, "142": 4, "286": 5}
# What two convolutions of 4x4 leave one place of.
_LEAST = 3


class Patches(Encoder):
    """Images (B, C, H, W) to features (B places, width): those of each field of `field` pixels a side.

    Paper: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks, section 3.4 and appendix

    Convolutions of 4x4 halve the sides, then two more keep them; a field of 1 is seen by convolutions of 1x1. An image
    too small for its field is halved less often, and seen with zeros around it up to 3 pixels a side.
    """

    places = True

    def __init__(self, field: Places, shape: tuple[int, ...], width: int, norm: Norm, spectral_norm: bool) -> None:
        super().__init__()
        channels, *size = self.image = as_image(shape)
        self.side, strides = (1, [1, 1]) if field == "1" else (4, [*[2] * _halvings(field, *size), 1, 1])
        out = [channels, *widths(width, len(strides) - 1), 2 * width if field == "1" else width]
        self.features = out[-1]
        self.layers = nn.ModuleList(
            spectral(started(nn.Conv2d(a, b, self.side, stride, padding=self.side // 4)), spectral_norm)
            for (a, b), stride in zip(itertools.pairwise(out), strides, strict=True)
        )
        self.norms = nn.ModuleList(
            Normalised(norm if 0 < stage < len(strides) - 1 else "none", c) for stage, c in enumerate(out[1:])
        )

    def forward(self, x: Tensor) -> Tensor:
        h = x.view(-1, *self.image)
        short = [0 if self.side == 1 else max(_LEAST - side, 0) for side in h.shape[2:]]
        h = pad(h, (0, short[1], 0, short[0])) if any(short) else h
        for layer, norm in zip(self.layers, self.norms, strict=True):
            h = leaky_relu(norm(layer(h)), 0.2)
        return h.permute(0, 2, 3, 1).flatten(0, 2)


def _halvings(field: Places, height: int, width: int) -> int:
    return next(n for n in range(_HALVINGS[field], -1, -1) if not n or min(height, width) >> n >= _LEAST)


def seeing(field: Field, shape: tuple[int, ...], width: int, norm: Norm, spectral_norm: bool) -> Encoder:
    """The encoder of a discriminator that sees images of `shape` as a whole, or by fields."""
    if field == "whole":
        return Strided(shape, width, norm, spectral_norm)
    return Patches(field, shape, width, norm, spectral_norm)
