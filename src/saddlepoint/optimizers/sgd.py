"""Gradient descent."""

from __future__ import annotations

from saddlepoint.optimizer import MakeOptimizer
from saddlepoint.ranges import ProperShare, Rate


def sgd(*, lr: Rate = 0.1, momentum: ProperShare = 0.0) -> MakeOptimizer:
    """Plain gradient descent, or with momentum, as in the first GAN.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets, algorithm 1
    """
    from torch.optim import SGD

    return lambda parameters: SGD(parameters, lr=lr, momentum=momentum, fused=True)
