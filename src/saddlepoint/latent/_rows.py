"""Rows of latents, or of styles, and their samples."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.game import Styles
from saddlepoint.latent._search import decoding
from saddlepoint.saved.model import Model

# From how many a mean or a range is told.
DRAWN = 10_000


def styles_of(game: Styles, z: Tensor, label: Tensor | None) -> Tensor:
    """Styles (N, layers, style) of latents z (N, latent), all of one label (1,)."""
    with torch.no_grad():
        return game.style(z, None if label is None else label.expand(len(z)))


def made_of(model: Model, row: Tensor, label: Tensor | None) -> Tensor:
    """Samples (C, *shape) in own units of a row: styles, of a model that has some, or latents of one label (1,)."""
    game = decoding(model)
    with torch.no_grad():
        if isinstance(game, Styles):
            return model.units.own(game.paint(row))
        return model.units.own(game.decode(row, None if label is None else label.expand(len(row))))
