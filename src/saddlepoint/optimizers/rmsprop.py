"""RMSProp."""

from __future__ import annotations

from saddlepoint.optimizer import MakeOptimizer
from saddlepoint.ranges import Epsilon, ProperShare, Rate


def rmsprop(*, lr: Rate = 5e-5, alpha: ProperShare = 0.99, eps: Epsilon = 1e-8) -> MakeOptimizer:
    """RMSProp without momentum, as the Wasserstein GAN's paper asks.

    Paper: Tieleman & Hinton 2012, Lecture 6.5: RMSProp; Arjovsky et al. 2017, algorithm 1
    """
    from torch.optim import RMSprop

    return lambda parameters: RMSprop(parameters, lr=lr, alpha=alpha, eps=eps, foreach=True)
