"""The memoriser."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.fitted import Fitted, Sampler
from saddlepoint.spec import Spec


def empirical(spec: Spec) -> Fitted:
    """The training data itself, drawn with replacement: the model that memorises.

    Paper: textbook; Goodfellow 2016, NIPS 2016 Tutorial: Generative Adversarial Networks, section 2

    p = 1/N sum_i delta(x - x_i). It has no density, and no score that only compares samples with the training data
    tells it from a perfect model.
    """
    return Fitted(spec, _Memory)


class _Memory(Sampler):
    points: Tensor

    def __init__(self) -> None:
        super().__init__(points=torch.empty(0))

    def fit(self, x: Tensor) -> None:
        self.points = x.clone()

    def draw(self, n: int) -> Tensor:
        return self.points[torch.randint(len(self.points), (n,), device=self.points.device)]
