"""The same sample in another class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from saddlepoint.errors import BadRun
from saddlepoint.game import Encodes, Samples
from saddlepoint.latent._found import Found
from saddlepoint.latent._match import Match
from saddlepoint.latent._search import Decoding, decoding
from saddlepoint.latent._tuned import tuned
from saddlepoint.latent.encode import encode
from saddlepoint.latent.invert import invert
from saddlepoint.ranges import Amount, Moves, Scale, Steps, Whole
from saddlepoint.saved.model import Model
from saddlepoint.seeds import seed_of


@dataclass(frozen=True)
class Relabelled(Found):
    """Latents z (N, latent), their samples in their own classes y (N,), `same`, and by name in others, x; in own units.

    `errors` (N,) are the mean absolute differences of the samples in their own classes from what was given.
    """

    z: Tensor
    x: Mapping[str, Tensor]
    y: Tensor
    same: Tensor
    errors: Tensor
    remakes = False

    def shown(self) -> Mapping[str, Tensor]:
        return {"reconstructed": self.same, **self.x}

    def figures(self) -> Mapping[str, Tensor]:
        return {"error": self.errors}

    def kept(self) -> Mapping[str, Tensor]:
        return self.x if len(self.x) > 1 else super().kept()


def relabel(
    model: Model,
    x: Tensor,
    y: int | None = None,
    *,
    steps: Steps = 300,
    starts: Moves = 4,
    rate: Scale = 0.2,
    prior_weight: Amount = 1.0,
    tuning: Whole = 80,
    tuning_rate: Scale = 1e-3,
    change: Amount = 1.0,
    seed: Whole = 0,
) -> Relabelled:
    """The samples nearest to given ones, asked for in class `y` instead of their own, or in each class.

    Paper: Antipov et al. 2017, Face Aging with Conditional Generative Adversarial Networks, section 2; Perarnau et al.
    2016, Invertible Conditional GANs for Image Editing, section 3.3; Roich et al. 2022, Pivotal Tuning for Latent-based
    Editing of Real Images (tuning)

    x (N, *shape) are in own units. Their own class and latent are found by a search as `invert` does it, which starts
    from what the model's encoder reads, where it has one. What a decoder cannot make of any latent, and with it who or
    which one it is, it is then taught: for each sample a copy of it is moved, by `tuning` steps of Adam at
    `tuning_rate`, until the latent gives that sample, and 0 leaves it as it is. What another class changes is to stay,
    which counts `change` beside; less keeps more of the sample, more of the class.

    Raises `BadRun` for a model without classes.
    """
    game = decoding(model)
    if not (isinstance(game, Samples) and game.classes):
        raise BadRun(f"a {type(model.game).__name__} was trained without classes; there is no other to ask for")
    names = model.spec.classes
    asked = range(len(names)) if y is None else [y]
    with torch.random.fork_rng():
        torch.manual_seed(seed_of(seed, "relabel"))
        z, own = _found(model, x, steps, starts, rate, prior_weight, seed)
        taught = partial(tuned, decoding(model), steps=tuning, rate=tuning_rate, change=change)
        parts = [_made(model, taught, x[i : i + 1], z[i : i + 1], [int(own[i]), *asked]) for i in range(len(z))]
    same, *others = (torch.cat(made) for made in zip(*parts, strict=True))
    errors = (same - x.to(same)).abs().flatten(1).mean(1)
    return Relabelled(z, dict(zip((names[label] for label in asked), others, strict=True)), own, same, errors)


def _made(
    model: Model, taught: Callable[[Tensor, Tensor, Tensor], Decoding], x: Tensor, z: Tensor, labels: Sequence[int]
) -> Sequence[Tensor]:
    """A latent's samples (1, *shape) of several `labels`, once x (1, *shape) is that of the first."""
    y = torch.tensor(labels, device=z.device)
    game = taught(model.seen(x), z, y)
    with torch.no_grad():
        return model.units.own(game.decode(z.expand(len(y), -1), y)).split(1)


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
