"""A discriminator that also tells the class."""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from saddlepoint.architecture import Architecture, Discriminator
from saddlepoint.spec import Spec


class Reading(Discriminator):
    """A discriminator that sees no label and has, beside its score, a linear layer that reads it."""

    def __init__(self, network: Architecture, spec: Spec) -> None:
        super().__init__(network, spec, "none")
        self.classes = nn.Linear(self.encoder.features, len(spec.classes))

    def misread(self, features: Tensor, y: Tensor | None) -> Tensor:
        """The mean cross-entropy of labels y (B,) as read in features (B, F)."""
        assert y is not None
        return cross_entropy(self.classes(features).float(), y)

    def sureness(self, features: Tensor) -> Tensor:
        """The mean cross-entropy of the even mix of classes, -sum_k log p_k / K, above its least value, log K."""
        log_p = self.classes(features).float().log_softmax(1)
        return -log_p.mean() - math.log(log_p.shape[1])
