"""Strided convolutions down, transposed convolutions up."""

from __future__ import annotations

import itertools

from torch import Tensor, nn

from saddlepoint.architecture import Architecture, Decoder, as_image
from saddlepoint.layers.hidden import Hidden, after
from saddlepoint.layers.minibatch import Minibatch, across
from saddlepoint.layers.normalisation import Norm, Normalised
from saddlepoint.layers.products import Transposed
from saddlepoint.layers.sizes import sides, widths
from saddlepoint.layers.strided import Strided, start_small
from saddlepoint.ranges import Width


def dcgan(
    *,
    width: Width = 64,
    generator_norm: Norm = "batch",
    discriminator_norm: Norm = "none",
    hidden: Hidden = "relu",
    spectral_norm: bool = False,
    minibatch: Minibatch = "none",
) -> Architecture:
    """Strided convolutions without pooling, for images of any size.

    Paper: Radford, Metz & Chintala 2016, Unsupervised Representation Learning with DCGANs, section 3

    Sides are halved (rounding up) until none exceeds 7; `width` channels at half the full size, twice as many at
    each further halving, at most eight times. No norm at the generator's output nor the discriminator's input.
    `hidden` is the generator's; `spectral_norm`, and `minibatch` (what it sees across the batch), the discriminator's.
    """
    return Architecture(
        decoder=lambda inputs, shape, classes: _Up(inputs, shape, classes, width, generator_norm, hidden),
        encoder=lambda shape: across(minibatch, Strided(shape, width, discriminator_norm, spectral_norm)),
    )


class _Up(Decoder):
    def __init__(
        self, inputs: int, shape: tuple[int, ...], classes: int, width: int, norm: Norm, hidden: Hidden
    ) -> None:
        super().__init__()
        channels, *size = as_image(shape)
        self.shape, self.hidden = shape, after(hidden)
        *self.sizes, self.start = sides(*size)
        out = [channels, *widths(width, len(self.sizes))]
        self.widest = out[-1]
        self.first = nn.Linear(inputs, self.widest * self.start[0] * self.start[1])
        self.norms = nn.ModuleList(Normalised(norm, c, classes) for c in out[1:])
        self.layers = nn.ModuleList(
            Transposed(wide, narrow, 4, stride=2, padding=1, bias=norm == "none" or stage == 0)
            for stage, (narrow, wide) in enumerate(itertools.pairwise(out))
        )
        start_small(self)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        h = self.first(z).view(-1, *self.start, self.widest).permute(0, 3, 1, 2)
        for layer, norm, (height, width) in zip(
            reversed(self.layers), reversed(self.norms), reversed(self.sizes), strict=True
        ):
            h = layer(self.hidden(norm(h, y)))[..., :height, :width]
        return h.reshape(-1, *self.shape)
