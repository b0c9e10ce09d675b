"""Latents with an embedding of the label beside them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from saddlepoint.layers.equalised import pixel_norm


class Embedded(nn.Module):
    """Latents z (B, inputs) of mean square one, and beside them, where there are `classes`, labels' embeddings of it.

    Paper: Karras et al. 2020, Training Generative Adversarial Networks with Limited Data, appendix C

    In the place of labels y (B,) there may be vectors (B, classes), of which a label is the one-hot case. What comes
    out is (B, width).
    """

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.embedding = nn.Linear(classes, inputs, bias=False) if classes else None
        self.width = inputs * (1 + bool(classes))

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        if self.embedding is None:
            return pixel_norm(z)
        assert y is not None
        asked = self.embedding(y) if y.is_floating_point() else self.embedding.weight.T[y]
        return torch.cat([pixel_norm(z), pixel_norm(asked).to(z.dtype)], dim=1)
