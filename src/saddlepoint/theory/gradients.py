"""Which way a generator is sent: the slope of its loss in a score, and the gradient it follows at an optimum.

The saturating and the non-saturating generator have the same optimum and not the same gradient. With the
discriminator frozen at its optimum D*, the saturating (minimax) gradient is that of 2 JS; the non-saturating one is
that of KL(q || p) - 2 JS, which the JS gradient is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from saddlepoint.duel import Duel, Objective
from saddlepoint.theory.discriminator import optimal_logit
from saddlepoint.theory.divergences import probabilities

Array = NDArray[np.float64]
Divergence = Literal["kl", "reverse_kl", "js", "reverse_kl - 2 js"]


def generator_slope(objective: Objective, scores: ArrayLike, *, on_real: float = 0.0) -> Array:
    """dL_G/df at each of the `scores` f (N,) of one fake, beside one real sample of score `on_real`.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets, section 3

    Saturating: -sigma(f), which vanishes where the discriminator is sure (f -> -inf); non-saturating: -sigma(-f).
    """
    return np.array([_slope(objective, score, on_real) for score in np.asarray(scores, np.float64)])


def frozen_gradient(objective: Objective, p: ArrayLike, logits: ArrayLike) -> Array:
    """The gradient (N,) in its logits of a generator q = softmax(logits), the discriminator frozen at log p - log q.

    Only objectives whose generator sees one score at a time; `p` (N,) is the data's distribution, positive.
    """
    ell = np.asarray(logits, np.float64)
    q = np.exp(ell - ell.max()) / np.exp(ell - ell.max()).sum()
    losses = [_loss(objective, score) for score in optimal_logit(probabilities(p), q)]
    frozen = torch.tensor(losses, dtype=torch.float64)
    return _gradient(lambda q: (q * frozen).sum(), ell)


def divergence_gradient(divergence: Divergence, p: ArrayLike, logits: ArrayLike) -> Array:
    """The gradient (N,) in its logits of a divergence between p (N,) and q = softmax(logits), by autograd.

    "kl" is KL(p || q), what maximum likelihood descends; "reverse_kl" is KL(q || p).
    """
    data = torch.from_numpy(probabilities(p))
    return _gradient(lambda q: _DIVERGENCES[divergence](data, q), np.asarray(logits, np.float64))


def _slope(objective: Objective, score: float, on_real: float) -> float:
    f = torch.tensor([[score]], dtype=torch.float64, requires_grad=True)
    duel = Duel(lambda x, y: x[:, 0], torch.full_like(f, on_real, requires_grad=False), f)
    (slope,) = torch.autograd.grad(_total(objective, duel), f)
    return float(slope)


def _loss(objective: Objective, score: float) -> float:
    f = torch.tensor([[score]], dtype=torch.float64)
    return float(_total(objective, Duel(lambda x, y: x[:, 0], torch.zeros_like(f), f)))


def _total(objective: Objective, duel: Duel) -> Tensor:
    return torch.stack([term(duel) for term in objective.generator.values()]).sum()


def _gradient(measure: Callable[[Tensor], Tensor], logits: Array) -> Array:
    ell = torch.tensor(logits, requires_grad=True)
    (gradient,) = torch.autograd.grad(measure(ell.softmax(0)), ell)
    found: Array = gradient.numpy()
    return found


def _kl(p: Tensor, q: Tensor) -> Tensor:
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum()


def _js(p: Tensor, q: Tensor) -> Tensor:
    return (_kl(p, (p + q) / 2) + _kl(q, (p + q) / 2)) / 2


_DIVERGENCES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "kl": _kl,
    "reverse_kl": lambda p, q: _kl(q, p),
    "js": _js,
    "reverse_kl - 2 js": lambda p, q: _kl(q, p) - 2 * _js(p, q),
}
