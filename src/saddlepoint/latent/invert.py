"""From samples, or what is known of them, to latents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor

from saddlepoint.errors import BadOption
from saddlepoint.game import Samples
from saddlepoint.latent._blending import BLENDS
from saddlepoint.latent._found import Found
from saddlepoint.latent._match import Match, weight_of
from saddlepoint.latent._search import decoding
from saddlepoint.ranges import Amount, Moves, Range, Scale, Steps, Whole
from saddlepoint.saved.model import Model, Wanted
from saddlepoint.seeds import seed_of

# The part of the steps after which the nearest class is chosen.
_TO_CHOOSE = 5


@dataclass(frozen=True)
class Inverted(Found):
    """Latents z (N, latent) and their samples x (N, *shape), in own units, of classes y (N,) where there are classes.

    `filled` (N, *shape) are the given samples, their holes filled; one without a hole is its sample. `errors` (N,) are
    the weighted mean absolute differences of x from what is known, in own units (of a table, in standard deviations).
    """

    z: Tensor
    x: Tensor
    filled: Tensor
    errors: Tensor
    y: Tensor | None

    def shown(self) -> Mapping[str, Tensor]:
        return {"reconstructed": self.x} | ({} if self.filled is self.x else {"filled": self.filled})

    def figures(self) -> Mapping[str, Tensor]:
        return {"context error": self.errors}


def invert(
    model: Model,
    x: Tensor,
    mask: Tensor | None = None,
    y: Wanted | None = None,
    *,
    steps: Steps = 300,
    starts: Moves = 4,
    rate: Scale = 0.2,
    prior_weight: Amount = 1.0,
    reach: Annotated[int, Range(0, 1_000)] = 3,
    blend: Literal["poisson", "paste"] = "poisson",
    seed: Whole = 0,
) -> Inverted:
    """The latents whose samples are nearest to given ones, where these are known, and the holes filled with them.

    Paper: Yeh et al. 2017, Semantic Image Inpainting with Deep Generative Models, equations 3 to 6

    x (N, *shape) are in own units; `mask`, (N or 1, 1, H, W) of images, (N or 1, D) of vectors, is 0 in holes; without
    one all is known, and x are reconstructed. What is minimised is the absolute difference, each known place of an
    image weighted by the share of its window, `reach` places to each side, that is missing, plus a fifth; and
    `prior_weight` times softplus(-s), s the discriminator's score, where there is one that scores samples one by one.
    Latents stay in the ball that holds 95 % of the prior's. A search takes `steps` of Adam at a `rate` that falls as a
    cosine does; of `starts` searches the one that ends nearest counts. Classes `y` may be said, one or (N,); if not, a
    search of a fifth of the steps in each of them tells the nearest. Holes are filled with the sample ("paste") or with
    its gradients ("poisson", Perez et al. 2003), which images have.

    Raises `BadRun` for a model that does not decode, `BadOption` for samples, masks or classes that do not fit.
    """
    game, seen = decoding(model), model.seen(x)
    known = _known(model, mask, seen)
    match = Match(game, seen, weight_of(known, reach).expand_as(seen), prior_weight)
    with torch.random.fork_rng():
        torch.manual_seed(seed_of(seed, "invert"))
        z = [game.latents(len(seen)) for _ in range(starts)]
        labels = model.asked(len(seen), y)
        if labels is None and isinstance(game, Samples) and game.classes:
            every = [torch.full((len(seen),), label, device=game.device) for label in range(game.classes)]
            labels = match.nearest(z[:1] * len(every), every, steps=-(-steps // _TO_CHOOSE), rate=rate).candidate
        found = match.nearest(z, [labels] * starts, steps=steps, rate=rate)
    with torch.no_grad():
        own = model.units.own(game.decode(found.z, labels))
    return Inverted(found.z, own, _filled(model, x, own, known, blend), found.errors * model.units.scale, labels)


def _known(model: Model, mask: Tensor | None, seen: Tensor) -> Tensor:
    """1 where samples (N, *shape) are known, 0 in holes; raises `BadOption` for a mask that does not fit."""
    if mask is None:
        return torch.ones_like(seen[:, :1] if seen.dim() == 4 else seen)
    if model.units.columns:
        raise BadOption("mask: a table's rows have no places; give rows that are whole")
    wanted = (1, *seen.shape[2:]) if seen.dim() == 4 else tuple(seen.shape[1:])
    if tuple(mask.shape[1:]) != wanted or len(mask) not in (1, len(seen)):
        raise BadOption(f"mask: wanted {(len(seen), *wanted)} or {(1, *wanted)}, got {tuple(mask.shape)}")
    known = (mask > 0).to(seen).expand(len(seen), *wanted)
    if bool((known.flatten(1).sum(1) == 0).any()):
        raise BadOption("mask: nothing of a sample is known; leave something of it, or make new ones with `sample`")
    return known


def _filled(model: Model, x: Tensor, own: Tensor, known: Tensor, blend: Literal["poisson", "paste"]) -> Tensor:
    """Given samples with their holes filled; those without one as the model makes them."""
    holed = (known == 0).flatten(1).any(1)
    if not bool(holed.any()):
        return own
    if blend == "poisson" and own.dim() != 4:
        raise BadOption("blend: only images have gradients; take paste")
    filled, limits = own.clone(), model.units.limits
    made = BLENDS[blend](x.to(own)[holed], own[holed], known[holed])
    filled[holed] = made.clamp(*limits) if limits else made
    return filled
