"""A decoder that was moved a little, so that one latent is a given sample."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor

from saddlepoint.latent._search import Decoding, fallen
from saddlepoint.training.precision import Precision, pays


def tuned(game: Decoding, x: Tensor, z: Tensor, y: Tensor | None, *, steps: int, rate: float) -> Decoding:
    """A copy of a game that decodes latents z (B, latent) of labels y (B,) to samples x (B, *shape), as networks see
    them, after so many steps of Adam, at a falling rate, down the absolute difference.

    Paper: Roich et al. 2022, Pivotal Tuning for Latent-based Editing of Real Images, section 3.2
    """
    copy = deepcopy(game)
    weights = list(copy.parameters())
    for weight in weights:
        weight.requires_grad_()
    adam = torch.optim.Adam(weights, lr=rate)
    precision = Precision(pays(copy, z.device))
    for step in range(steps):
        adam.param_groups[0]["lr"] = fallen(rate, step / steps)
        with precision.context(z.device):
            far = (copy.decode(z, y).float() - x).abs().mean()
        slopes = torch.autograd.grad(far, weights, allow_unused=True)
        for weight, slope in zip(weights, slopes, strict=True):
            weight.grad = slope
        adam.step()
    return copy
