"""Places of a map that look at all other places."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from saddlepoint.layers.spectral import spectral


class Attention(nn.Module):
    """Maps h (B, C, H, W) to h + gamma o(attention), each place seeing a mean of all, weighed by how alike they are.

    Paper: Zhang et al. 2019, Self-Attention Generative Adversarial Networks, section 3

    Queries and keys have an eighth of the channels, values a half; keys and values are pooled by 2x2, as in the code of
    Brock et al. 2019, BigGAN. gamma starts at 0, so that the layer starts as nothing.
    """

    def __init__(self, channels: int, spectral_norm: bool = False) -> None:
        super().__init__()
        few, half = max(channels // 8, 1), max(channels // 2, 1)
        self.query, self.key = (spectral(nn.Conv2d(channels, few, 1, bias=False), spectral_norm) for _ in range(2))
        self.value = spectral(nn.Conv2d(channels, half, 1, bias=False), spectral_norm)
        self.out = spectral(nn.Conv2d(half, channels, 1, bias=False), spectral_norm)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, h: Tensor) -> Tensor:
        query, key, value = (maps.flatten(2) for maps in (self.query(h), _pooled(self.key(h)), _pooled(self.value(h))))
        # Written out: torch's fused attention cannot be differentiated twice, as penalties do.
        weights = (query.transpose(1, 2) @ key).softmax(2)
        return h + self.gamma * self.out((value @ weights.transpose(1, 2)).unflatten(2, h.shape[2:]))


def _pooled(maps: Tensor) -> Tensor:
    return max_pool2d(maps, 2) if min(maps.shape[2:]) > 1 else maps
