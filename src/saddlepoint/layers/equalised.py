"""Layers whose weights are stored at one size, so that an optimiser moves all of them at the same relative rate."""

from __future__ import annotations

from math import sqrt
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pad
from torch.nn.utils.parametrize import register_parametrization

from saddlepoint.layers.products import Transposed

Layer = TypeVar("Layer", bound=nn.Linear | nn.Conv2d | nn.ConvTranspose2d)


def equalised(layer: Layer, *, gain: float = sqrt(2), rate: float = 1.0, bias: float = 0.0) -> Layer:
    """`layer` with weights N(0, 1) that are scaled by gain / sqrt(fan in) where they are used, and biases of `bias`.

    Paper: Karras et al. 2018, Progressive Growing of GANs, section 4.1; Karras et al. 2019, A Style-Based Generator
    Architecture for GANs, appendix C (`rate`, times which weights and biases move)

    A gain of sqrt(2) is for what goes through a leaky ReLU.
    """
    inputs = layer.weight[:, 0] if isinstance(layer, nn.ConvTranspose2d) else layer.weight[0]
    nn.init.normal_(layer.weight, std=1 / rate)
    register_parametrization(layer, "weight", _Scaled(rate * gain / sqrt(inputs.numel())))
    if layer.bias is not None:
        nn.init.constant_(layer.bias, bias / rate)
        if rate != 1:
            register_parametrization(layer, "bias", _Scaled(rate))
    return layer


def doubled(inputs: int, outputs: int, *, gain: float = sqrt(2), bias: bool = True) -> Transposed:
    """Maps (B, inputs, h, w) to (B, outputs, 2h, 2w): a convolution of 3x3 after enlarging by whole places, equalised.

    It is computed as a transposed convolution of 4x4, at four ninths of the cost; no kernel leaves a checkerboard.

    Paper: Karras et al. 2018, Progressive Growing of GANs, appendix A; Odena et al. 2016, Deconvolution and
    Checkerboard Artifacts
    """
    layer = Transposed(inputs, outputs, 4, stride=2, padding=1, bias=bias)
    layer.weight = nn.Parameter(torch.empty(inputs, outputs, 3, 3))
    made = equalised(layer, gain=gain)
    register_parametrization(made, "weight", _Spread(), unsafe=True)
    return made


class _Spread(nn.Module):
    """Kernels of 3x3 for places of which each is there four times, as ones of 4x4 for each once."""

    def forward(self, stored: Tensor) -> Tensor:
        return 4 * avg_pool2d(pad(stored, (1, 1, 1, 1)), 2, stride=1)


class _Scaled(nn.Module):
    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, stored: Tensor) -> Tensor:
        return self.scale * stored


def pixel_norm(h: Tensor) -> Tensor:
    """Vectors (B, C) or maps (B, C, H, W) of mean square one over their channels.

    Paper: Karras et al. 2018, Progressive Growing of GANs, section 4.2
    """
    return h * torch.rsqrt(h.square().mean(1, keepdim=True) + 1e-8)
