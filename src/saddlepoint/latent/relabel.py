"""The same sample in another class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from saddlepoint.errors import BadOption, BadRun, listed
from saddlepoint.game import Encodes, Samples
from saddlepoint.latent._found import Found
from saddlepoint.latent._match import Match
from saddlepoint.latent._search import decoding
from saddlepoint.latent.encode import encode
from saddlepoint.latent.invert import invert
from saddlepoint.ranges import Amount, Moves, Scale, Steps, Whole
from saddlepoint.saved.model import Model


@dataclass(frozen=True)
class Relabelled(Found):
    """Latents z (N, latent), their samples in their own classes y (N,), `same`, and in the other, x; in own units.

    `errors` (N,) are the mean absolute differences of the samples in their own classes from what was given.
    """

    z: Tensor
    x: Tensor
    y: Tensor
    same: Tensor
    errors: Tensor
    remakes = False

    def shown(self) -> Mapping[str, Tensor]:
        return {"reconstructed": self.same, "relabelled": self.x}

    def figures(self) -> Mapping[str, Tensor]:
        return {"error": self.errors}


def relabel(
    model: Model,
    x: Tensor,
    y: int | None,
    *,
    steps: Steps = 300,
    starts: Moves = 4,
    rate: Scale = 0.2,
    prior_weight: Amount = 1.0,
    seed: Whole = 0,
) -> Relabelled:
    """The samples nearest to given ones, asked for in class `y` instead of their own.

    Paper: Antipov et al. 2017, Face Aging with Conditional Generative Adversarial Networks, section 2; Perarnau et al.
    2016, Invertible Conditional GANs for Image Editing, section 3.3

    x (N, *shape) are in own units. Their own class and latent are found by a search as `invert` does it, which starts
    from what the model's encoder reads, where it has one. Raises `BadRun` for a model without classes.
    """
    game = decoding(model)
    if not (isinstance(game, Samples) and game.classes):
        raise BadRun(f"a {type(model.game).__name__} was trained without classes; there is no other to ask for")
    if y is None:
        raise BadOption(f"relabel wants a class to ask for instead: say --label, one of {listed(model.spec.classes)}")
    z, own = _found(model, x, steps, starts, rate, prior_weight, seed)
    same = model.decode(z, own)
    errors = (same - x.to(same)).abs().flatten(1).mean(1)
    return Relabelled(z, model.decode(z, y), own, same, errors)


def _found(
    model: Model, x: Tensor, steps: int, starts: int, rate: float, prior_weight: float, seed: int
) -> tuple[Tensor, Tensor]:
    """The latents and the classes of samples."""
    if not isinstance(model.game, Encodes):
        found = invert(model, x, steps=steps, starts=starts, rate=rate, prior_weight=prior_weight, seed=seed)
        assert found.y is not None
        return found.z, found.y
    read, seen = encode(model, x), model.seen(x)
    assert read.y is not None
    match = Match(decoding(model), seen, torch.ones_like(seen), prior_weight)
    return match.nearest([read.z], [read.y], steps=steps, rate=rate).z, read.y
