"""Of which classes samples are, where nobody says it."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.conditional import Conditional
from saddlepoint.game import Game, Samples
from saddlepoint.saved.model import Model, Wanted


def labels_of(game: Game, n: int) -> Tensor | None:
    """Labels (n,) for samples of a game: in the data's own shares, where it knows them; None without classes."""
    if isinstance(game, Conditional):
        return game.mix(n)
    classes = game.classes if isinstance(game, Samples) else 0
    return torch.randint(classes, (n,), device=game.device) if classes else None


def one_class(model: Model, y: Wanted | None) -> Tensor | None:
    """The label (1,) of a class `y`, the first where there are some and none is said; else what is given."""
    classes = model.game.classes if isinstance(model.game, Samples) else 0
    return model.asked(1, 0 if y is None and classes else y)
