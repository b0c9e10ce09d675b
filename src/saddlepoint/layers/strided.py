"""Strided convolutions from an image down to the features of all of it."""

from __future__ import annotations

import itertools

from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from saddlepoint.architecture import Encoder, as_image
from saddlepoint.layers.normalisation import Norm, Normalised
from saddlepoint.layers.products import Convolution
from saddlepoint.layers.sizes import even, sides, widths
from saddlepoint.layers.spectral import spectral


class Strided(Encoder):
    """Samples (B, *shape) halved until no side exceeds 7, to features (B, C h w); `width` channels at half the size.

    Paper: Radford, Metz & Chintala 2016, Unsupervised Representation Learning with DCGANs, section 3
    """

    def __init__(self, shape: tuple[int, ...], width: int, norm: Norm, spectral_norm: bool) -> None:
        super().__init__()
        channels, *size = self.image = as_image(shape)
        steps = sides(*size)
        out = [channels, *widths(width, len(steps) - 1)]
        self.features = out[-1] * steps[-1][0] * steps[-1][1]
        self.layers = nn.ModuleList(
            spectral(Convolution(a, b, 4, stride=2, padding=1), spectral_norm) for a, b in itertools.pairwise(out)
        )
        self.norms = nn.ModuleList(Normalised(norm if stage else "none", c) for stage, c in enumerate(out[1:]))
        start_small(self)

    def forward(self, x: Tensor) -> Tensor:
        h = x.view(-1, *self.image)
        *earlier, (last, last_norm) = zip(self.layers, self.norms, strict=True)
        for layer, norm in earlier:
            h = leaky_relu(norm(layer(even(h))), 0.2)
        # Flat before the activation and channels last, so that no pass copies from one memory layout to another.
        return leaky_relu(last_norm(last(even(h))).permute(0, 2, 3, 1).flatten(1), 0.2)


def start_small(network: nn.Module) -> None:
    """Weights N(0, 0.02), the paper's, with zero biases."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
