"""The same samples, nearer and nearer to the middle."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from saddlepoint.errors import BadOption
from saddlepoint.latent._classes import labels_of
from saddlepoint.latent._laid import Laid
from saddlepoint.latent._search import decoding
from saddlepoint.latent._truncation import Truncated, truncated
from saddlepoint.ranges import Moves, Whole
from saddlepoint.saved.model import Model, Wanted
from saddlepoint.seeds import seed_of


def truncate(
    model: Model, y: Wanted | None = None, *, psi: str = "1.2 1 0.7 0.5 0.3 0", columns: Moves = 10, seed: Whole = 0
) -> Laid:
    """The same latents at each `psi`, a row each: nearer to the middle samples are more typical, and more alike.

    Paper: Karras et al. 2019, A Style-Based Generator Architecture for GANs, appendix B

    Of a model with styles these are scaled about their mean, of another the latents. Without a class `y` they are of
    the data's own mix. Raises `BadOption` for a psi that is no number.
    """
    amounts = amounts_of(psi)
    game = decoding(model)
    with torch.random.fork_rng():
        torch.manual_seed(seed_of(seed, "truncate"))
        z, labels = game.latents(columns), labels_of(game, columns) if y is None else model.asked(columns, y)
    rows = [_row(truncated(model, psi=amount), z, labels) for amount in amounts]
    names = [f"psi {amount:g}" for amount in amounts]
    latents, made = zip(*rows, strict=True)
    return Laid(torch.stack(latents), torch.stack(made), names)


def _row(model: Model, z: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
    """Latents (C, latent) as a truncated model takes them, and its samples of them, in own units."""
    game = model.game
    assert isinstance(game, Truncated)
    with torch.no_grad():
        near = game.brought(z)
        return near, model.units.own(game.decode(near, labels))


def amounts_of(psi: str) -> list[float]:
    """The numbers of a text such as "1 0.7 0.5"; raises `BadOption` for others, and for none."""
    try:
        found = [float(word) for word in psi.replace(",", " ").split()]
    except ValueError:
        found = []
    if not found or not all(map(math.isfinite, found)):
        raise BadOption(f"psi: wanted numbers such as '1 0.7 0.5', got {psi!r}")
    return found
