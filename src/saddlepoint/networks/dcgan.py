"""Strided convolutions down, transposed convolutions up."""

from __future__ import annotations

import itertools

from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from saddlepoint.architecture import Architecture, Decoder, Encoder, as_image
from saddlepoint.layers.hidden import Hidden, after
from saddlepoint.layers.minibatch import Minibatch, across
from saddlepoint.layers.normalisation import Norm, Normalised
from saddlepoint.layers.sizes import even, sides, widths
from saddlepoint.layers.spectral import spectral
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
        encoder=lambda shape: across(minibatch, _Down(shape, width, discriminator_norm, spectral_norm)),
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
            nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1, bias=norm == "none" or stage == 0)
            for stage, (narrow, wide) in enumerate(itertools.pairwise(out))
        )
        _initialise(self)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        h = self.first(z).view(-1, *self.start, self.widest).permute(0, 3, 1, 2)
        for layer, norm, (height, width) in zip(
            reversed(self.layers), reversed(self.norms), reversed(self.sizes), strict=True
        ):
            h = layer(self.hidden(norm(h, y)))[..., :height, :width]
        return h.reshape(-1, *self.shape)


class _Down(Encoder):
    def __init__(self, shape: tuple[int, ...], width: int, norm: Norm, spectral_norm: bool) -> None:
        super().__init__()
        channels, *size = self.image = as_image(shape)
        steps = sides(*size)
        out = [channels, *widths(width, len(steps) - 1)]
        self.features = out[-1] * steps[-1][0] * steps[-1][1]
        self.layers = nn.ModuleList(
            spectral(nn.Conv2d(a, b, 4, stride=2, padding=1), spectral_norm) for a, b in itertools.pairwise(out)
        )
        self.norms = nn.ModuleList(Normalised(norm if stage else "none", c) for stage, c in enumerate(out[1:]))
        _initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        h = x.view(-1, *self.image)
        *earlier, (last, last_norm) = zip(self.layers, self.norms, strict=True)
        for layer, norm in earlier:
            h = leaky_relu(norm(layer(even(h))), 0.2)
        # Flat before the activation and channels last, so that no pass copies from one memory layout to another.
        return leaky_relu(last_norm(last(even(h))).permute(0, 2, 3, 1).flatten(1), 0.2)


def _initialise(network: nn.Module) -> None:
    """Weights N(0, 0.02), the paper's, with zero biases."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
