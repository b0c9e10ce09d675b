"""Adam."""

from __future__ import annotations

from saddlepoint.optimizer import MakeOptimizer
from saddlepoint.ranges import Amount, Epsilon, ProperShare, Rate


def adam(
    *,
    lr: Rate = 1e-3,
    beta1: ProperShare = 0.0,
    beta2: ProperShare = 0.99,
    eps: Epsilon = 1e-8,
    weight_decay: Amount = 0.0,
) -> MakeOptimizer:
    """Adam, fused; games like little or no momentum (beta1).

    Paper: Kingma & Ba 2015, Adam: A Method for Stochastic Optimization
    """
    from torch.optim import Adam

    return lambda parameters: Adam(
        parameters, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay, fused=True
    )
