"""Two convolutions whose output is added to their input."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import leaky_relu, pad

from saddlepoint.layers.normalisation import Norm, Normalised


class Residual(nn.Module):
    """Maps (B, C, h, w) and what two convolutions of 3x3 make of them, which starts at zero.

    Paper: Johnson, Alahi & Fei-Fei 2016, Perceptual Losses for Real-Time Style Transfer, supplementary material

    The maps are reflected at their borders where they are large enough, and have zeros around them otherwise.
    """

    def __init__(self, channels: int, norm: Norm = "none") -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(channels, channels, 3) for _ in range(2))
        self.norms = nn.ModuleList(Normalised(norm, channels) for _ in range(2))
        nn.init.zeros_(self.layers[1].weight)  # type: ignore[arg-type]

    def forward(self, h: Tensor) -> Tensor:
        mode = "reflect" if min(h.shape[2:]) > 1 else "constant"
        inner = leaky_relu(self.norms[0](self.layers[0](pad(h, (1, 1, 1, 1), mode))), 0.2)
        made: Tensor = self.norms[1](self.layers[1](pad(inner, (1, 1, 1, 1), mode)))
        return h + made
