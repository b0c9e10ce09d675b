"""A decoder that was moved a little, so that one latent is a given sample and classes change it as before."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor

from saddlepoint.latent._search import Decoding, fallen
from saddlepoint.training.precision import Precision, pays


def tuned(game: Decoding, x: Tensor, z: Tensor, y: Tensor, *, steps: int, rate: float, change: float) -> Decoding:
    """A copy of a game whose sample of a latent z (1, latent) in the first of the classes y (K,) is x (1, *shape).

    Paper: Roich et al. 2022, Pivotal Tuning for Latent-based Editing of Real Images, section 3.2

    x is as networks see it. Its decoder takes so many steps of Adam, at a falling rate, down the absolute difference,
    and `change` times that of what the other classes change in the sample from what they changed before.
    """
    copy, every = deepcopy(game), z.expand(len(y), -1)
    weights = list(copy.parameters())
    for weight in weights:
        weight.requires_grad_()
    with torch.no_grad():
        before = game.decode(every, y)
    adam = torch.optim.Adam(weights, lr=rate)
    precision = Precision(pays(copy, z.device))
    for step in range(steps):
        adam.param_groups[0]["lr"] = fallen(rate, step / steps)
        with precision.context(z.device):
            made = copy.decode(every, y).float()
        other = ((made[1:] - made[:1]) - (before[1:] - before[:1])).abs().mean()
        loss = (made[:1] - x).abs().mean() + change * other
        slopes = torch.autograd.grad(loss, weights, allow_unused=True)
        for weight, slope in zip(weights, slopes, strict=True):
            weight.grad = slope
        adam.step()
    return copy
