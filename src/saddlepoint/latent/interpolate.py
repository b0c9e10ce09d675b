"""Ways from latent to latent."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import torch
from torch import Tensor

from saddlepoint.errors import BadOption
from saddlepoint.game import Decodes, Game, Styles
from saddlepoint.latent._laid import Laid
from saddlepoint.latent._rows import DRAWN, made_of, styles_of
from saddlepoint.latent._search import decoding
from saddlepoint.latent.invert import invert
from saddlepoint.ranges import Range, Steps, Whole
from saddlepoint.saved.model import Model, Wanted

_PARALLEL = 1e-4


def interpolate(
    model: Model,
    x: Tensor,
    y: Wanted | None = None,
    *,
    frames: Annotated[int, Range(2, 1_000)] = 10,
    steps: Steps = 300,
    seed: Whole = 0,
) -> Laid:
    """The ways from each sample to the next, by the latents that are nearest to them.

    Paper: White 2016, Sampling Generative Networks, section 2.1 (spherical); Karras et al. 2019, A Style-Based
    Generator Architecture for GANs, section 4.1 (in styles)

    x (N, *shape) are in own units, of one class `y`, which is told from the first if it is not said. Each way has
    `frames` samples, its ends among them. Latents go along a great circle, styles straight on. `steps` are those of
    the search for each latent. Raises `BadOption` for fewer than two samples.
    """
    if len(x) < 2:
        raise BadOption(f"interpolate wants at least two samples to go from and to, got {len(x)}")
    if y is None:
        told = invert(model, x[:1], steps=steps, seed=seed).y
        y = None if told is None else int(told[0])
    found = invert(model, x, None, y, steps=steps, seed=seed)
    return between(model, found.z, y, frames)


def between(model: Model, z: Tensor, y: Wanted | None, frames: int) -> Laid:
    """The ways from each latent of z (N, latent) to the next, of one class: N - 1 rows of `frames`."""
    game, shares = decoding(model), torch.linspace(0, 1, frames)
    names = [f"{number} to {number + 1}" for number in range(len(z) - 1)]
    label = model.asked(1, y)
    if isinstance(game, Styles):
        ways = [torch.lerp(a, b, shares.to(a)[:, None, None]) for a, b in pairwise(styles_of(game, z, label))]
    else:
        least, most = _range_of(game)
        ways = [spherical(start, end, shares).clamp(least, most) for start, end in pairwise(z)]
    return Laid(torch.stack(ways), torch.stack([made_of(model, way, label) for way in ways]), names, moves=True)


def spherical(start: Tensor, end: Tensor, shares: Tensor) -> Tensor:
    """Latents (F, latent) at `shares` (F,) of the great circle from one latent to another, both (latent,).

    sin((1 - t) a) / sin a start + sin(t a) / sin a end, with a the angle between them; straight on where they are all
    but parallel.
    """
    t = shares.to(start)[:, None]
    cosine = (start @ end) / (start.norm() * end.norm()).clamp_min(1e-12)
    angle = cosine.clamp(-1, 1).acos()
    if angle.sin() < _PARALLEL:
        return torch.lerp(start, end, t)
    return (((1 - t) * angle).sin() * start + (t * angle).sin() * end) / angle.sin()


def _range_of(game: Decodes) -> tuple[float, float]:
    """The least and the greatest number that a prior draws, which a circle through a cube may leave."""
    assert isinstance(game, Game)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        z = game.latents(DRAWN)
    return float(z.min()), float(z.max())
