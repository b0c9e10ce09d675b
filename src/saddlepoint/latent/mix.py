"""Coarse styles of some samples with fine styles of others."""

from __future__ import annotations

from typing import Annotated

import torch
from torch import Tensor

from saddlepoint.errors import BadOption, BadRun
from saddlepoint.game import Styles
from saddlepoint.latent._classes import one_class
from saddlepoint.latent._laid import Laid
from saddlepoint.latent._rows import DRAWN, made_of, styles_of
from saddlepoint.ranges import Moves, Range, Whole
from saddlepoint.saved.model import Model, Wanted
from saddlepoint.seeds import seed_of


def mix(
    model: Model,
    y: Wanted | None = None,
    *,
    rows: Moves = 5,
    columns: Moves = 8,
    layer: Annotated[int, Range(1, 1_000)] | None = None,
    seed: Whole = 0,
) -> Laid:
    """A sheet of samples that have the coarse styles of their row's first and the fine ones of their column's first.

    Paper: Karras et al. 2019, A Style-Based Generator Architecture for GANs, section 3.1 and figure 3

    The first row and the first column are samples as they are; the corner is the mean. Fine are the layers from `layer`
    on, half of them if not said. All are of one class `y`, the first if there are classes. Raises `BadRun` for a model
    without styles.
    """
    game = model.game
    if not isinstance(game, Styles):
        raise BadRun(f"a {type(game).__name__} has no styles to mix; --game stylegan has")
    label = one_class(model, y)
    with torch.random.fork_rng():
        torch.manual_seed(seed_of(seed, "mix"))
        w = styles_of(game, game.latents(rows + columns), label)
        middle = styles_of(game, game.latents(DRAWN), label).mean(0)
    fine = w.shape[1] // 2 if layer is None else layer
    if not 0 < fine < w.shape[1]:
        raise BadOption(f"layer: wanted one from 1 to {w.shape[1] - 1}, got {fine}")
    laid = torch.stack([torch.stack([middle, *w[rows:]]), *(_mixed(one, w[rows:], fine) for one in w[:rows])])
    made = torch.stack([made_of(model, row, label) for row in laid])
    return Laid(laid, made, ["fine", *(f"coarse {number + 1}" for number in range(rows))])


def _mixed(coarse: Tensor, fine: Tensor, layer: int) -> Tensor:
    """A sample's own styles (layers, style), then, from a layer on, those of each of others (C, layers, style)."""
    taken = torch.arange(len(coarse), device=coarse.device)[:, None] < layer
    return torch.stack([coarse, *torch.where(taken, coarse, fine)])
