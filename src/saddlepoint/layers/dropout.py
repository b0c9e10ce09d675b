"""Dropout that several processes draw alike."""

from __future__ import annotations

from torch import Tensor, nn

from saddlepoint.draws import uniform


class Dropout(nn.Module):
    """h (B, ...) without a `share` of its numbers, the others made larger by as much: in training, or `always`.

    Paper: Srivastava et al. 2014, Dropout: A Simple Way to Prevent Neural Networks from Overfitting, section 4
    """

    def __init__(self, share: float, *, always: bool) -> None:
        super().__init__()
        self.share, self.always = share, always

    def forward(self, h: Tensor) -> Tensor:
        if not self.share or not (self.training or self.always):
            return h
        return h * (uniform(len(h), h.shape[1:], h) >= self.share) / (1 - self.share)
