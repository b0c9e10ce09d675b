"""What generators with styles are made of: a mapping from latents to styles, and layers that a style scales."""

from __future__ import annotations

import itertools
from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn.functional import instance_norm, leaky_relu

from saddlepoint.draws import normal
from saddlepoint.layers.embedded import Embedded
from saddlepoint.layers.equalised import doubled, equalised
from saddlepoint.layers.products import Convolution, Transposed

# How much slower than the rest a mapping moves: at 0.01, the papers', it hardly moves in runs as short as a CPU's.
_RATE = 0.1


class Mapping(nn.Module):
    """Latents z (B, inputs), with labels y (B,) where there are `classes`, to styles w (B, width).

    Paper: Karras et al. 2019, A Style-Based Generator Architecture for GANs, section 2
    """

    def __init__(self, inputs: int, classes: int, width: int, depth: int) -> None:
        super().__init__()
        self.embedded = Embedded(inputs, classes)
        sizes = [self.embedded.width, *[width] * depth]
        self.layers = nn.ModuleList(equalised(nn.Linear(a, b), rate=_RATE) for a, b in itertools.pairwise(sizes))
        self.width = sizes[-1]

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        w: Tensor = self.embedded(z, y)
        for layer in self.layers:
            w = leaky_relu(layer(w), 0.2)
        return w


class Noise(nn.Module):
    """Noise added to maps (B, C, H, W), one number a place, times a learned strength that starts at 0.

    Paper: Karras et al. 2019, A Style-Based Generator Architecture for GANs, section 2

    In training it is drawn anew for each sample; afterwards it is always the same, so that samples are functions of
    their latents.
    """

    def __init__(self, size: tuple[int, int], channels: int = 1) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(channels))
        self.fixed: Tensor
        self.register_buffer("fixed", torch.randn(1, 1, *size))

    def forward(self, h: Tensor) -> Tensor:
        drawn = normal(len(h), (1, *h.shape[2:]), h) if self.training else self.fixed.to(h.dtype)
        return h + self.strength.to(h.dtype)[:, None, None] * drawn


class Modulated(nn.Module):
    """A convolution of maps h (B, inputs, H, W) whose weights a style w (B, style) scales, brought back to size.

    Paper: Karras et al. 2020, Analyzing and Improving the Image Quality of StyleGAN, section 2.2, equations 1 to 3

    A kernel of 3x3, for maps twice as large (`up`) after enlarging, cut to `size`; noise, a bias and a leaky ReLU
    follow.
    """

    def __init__(self, inputs: int, outputs: int, style: int, size: tuple[int, int], *, up: bool = False) -> None:
        super().__init__()
        self.size = size
        self.layer: Convolution | Transposed = (
            doubled(inputs, outputs, gain=1.0, bias=False)
            if up
            else equalised(Convolution(inputs, outputs, 3, padding=1, bias=False), gain=1.0)
        )
        self.scales = equalised(nn.Linear(style, inputs), gain=1.0, bias=1.0)
        self.noise, self.bias = Noise(size), nn.Parameter(torch.zeros(outputs))

    def forward(self, h: Tensor, w: Tensor) -> Tensor:
        scales = self.scales(w)
        made = self.layer(h * scales.to(h.dtype)[:, :, None, None])[..., : self.size[0], : self.size[1]]
        made = self.noise(made * self._back(scales).to(made.dtype)[:, :, None, None])
        return leaky_relu(made + self.bias.to(made.dtype)[:, None, None], 0.2)

    def _back(self, scales: Tensor) -> Tensor:
        """What brings each map to a deviation of one, and up by what the leaky ReLU takes: (B, outputs)."""
        squares = self.layer.weight.float().square()
        if isinstance(self.layer, Transposed):
            # Each place is reached by a quarter of the kernel.
            return torch.rsqrt(scales.float().square() @ squares.sum((2, 3)) / 4 + 1e-8) * sqrt(2)
        return torch.rsqrt(scales.float().square() @ squares.sum((2, 3)).T + 1e-8) * sqrt(2)


class Adapted(nn.Module):
    """A convolution of maps h (B, inputs, H, W), normalised and then scaled and shifted by a style w (B, style).

    Paper: Karras et al. 2019, A Style-Based Generator Architecture for GANs, section 2, equation 1

    A kernel of 3x3, for maps twice as large (`up`) after enlarging, cut to `size`; noise of each map's own strength, a
    bias and a leaky ReLU come before the norm. Without a convolution (`start`) they follow on what comes in.
    """

    def __init__(
        self, inputs: int, outputs: int, style: int, size: tuple[int, int], *, up: bool = False, start: bool = False
    ) -> None:
        super().__init__()
        self.size = size
        self.layer: nn.Module = nn.Identity()
        if not start:
            self.layer = doubled(inputs, outputs) if up else equalised(Convolution(inputs, outputs, 3, padding=1))
        self.noise = Noise(size, outputs)
        self.scales = equalised(nn.Linear(style, 2 * outputs), gain=1.0)

    def forward(self, h: Tensor, w: Tensor) -> Tensor:
        h = leaky_relu(self.noise(self.layer(h)[..., : self.size[0], : self.size[1]]), 0.2)
        scale, shift = self.scales(w).to(h.dtype)[:, :, None, None].chunk(2, dim=1)
        # Of a single place nothing would be left.
        return (instance_norm(h) if max(h.shape[2:]) > 1 else h) * (1 + scale) + shift


class ToImage(nn.Module):
    """Maps h (B, C, H, W) to an image (B, channels, H, W): of each channel a sum over maps that a style w scales.

    Paper: Karras et al. 2020, Analyzing and Improving the Image Quality of StyleGAN, section 4.1 and figure 7
    """

    def __init__(self, inputs: int, channels: int, style: int) -> None:
        super().__init__()
        self.layer = equalised(nn.Linear(inputs, channels), gain=1.0)
        self.scales = equalised(nn.Linear(style, inputs), gain=1.0, bias=1.0)

    def forward(self, h: Tensor, w: Tensor) -> Tensor:
        weights = (self.scales(w)[:, None] * self.layer.weight).to(h.dtype)
        image = weights @ h.permute(0, 2, 3, 1).flatten(1, 2).transpose(1, 2)
        return image.float().unflatten(2, h.shape[2:]) + self.layer.bias[:, None, None]
