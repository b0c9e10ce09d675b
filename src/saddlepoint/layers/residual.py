"""Residual blocks of convolutions over reflected borders, and the layers that such networks are made of."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pad

from saddlepoint.layers.hidden import Hidden, after
from saddlepoint.layers.normalisation import Norm, Normalised
from saddlepoint.layers.started import started


class Layer(nn.Module):
    """A convolution, or a layer that enlarges, its norm, and what follows."""

    def __init__(self, layer: nn.Module, channels: int, norm: Norm, hidden: Hidden) -> None:
        super().__init__()
        self.layer, self.norm, self.hidden = layer, Normalised(norm, channels), after(hidden)

    def forward(self, h: Tensor) -> Tensor:
        return self.hidden(self.norm(self.layer(h)))


class Residual(nn.Module):
    """Maps (B, C, h, w) and what two convolutions of 3x3 make of them, which starts small.

    Paper: Johnson, Alahi & Fei-Fei 2016, Perceptual Losses for Real-Time Style Transfer, supplementary material
    """

    def __init__(self, channels: int, norm: Norm, hidden: Hidden) -> None:
        super().__init__()
        self.first = Layer(started(nn.Conv2d(channels, channels, 3)), channels, norm, hidden)
        self.second, self.norm = started(nn.Conv2d(channels, channels, 3), 0.1), Normalised(norm, channels)

    def forward(self, h: Tensor) -> Tensor:
        branch = self.first(reflected(h, 1))
        return h + self.norm(self.second(reflected(branch, 1)))


def reflected(h: Tensor, by: int) -> Tensor:
    """Maps (B, C, H, W) with `by` more rows and columns at each edge: mirrored, or of a small one the edge itself."""
    return pad(h, (by, by, by, by), mode="reflect" if min(h.shape[2:]) > by else "replicate")
