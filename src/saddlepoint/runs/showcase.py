"""What a model is shown by: samples laid out so that one sees what it can do, and its density where it knows one."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.errors import BadRun
from saddlepoint.game import Codes, Decodes, Game, Samples, Scores
from saddlepoint.report.pictures import Heights
from saddlepoint.seeds import seed_of
from saddlepoint.source import Source

_ROWS, _COLUMNS = 16, 10
_POINTS = {1: 512, 2: 128, 3: 36}
_AT_ONCE = 4096


def showcase(game: Game, source: Source, *, seed: int = 0) -> tuple[Tensor, int | None]:
    """Samples that show what a game can do, and the columns to lay them out in; always of the same latents."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed_of(seed, "showcase"))
        if not isinstance(game, Samples):
            raise BadRun(f"a {type(game).__name__} cannot sample")
        if not source.spec.is_image:
            return game.sample(2500), None
        if isinstance(game, Codes) and game.codes:
            z, rows = _grid(game, min(game.codes, _ROWS))
            return game.decode(game.coded(z, rows)), _COLUMNS
        classes = min(game.classes, _ROWS)
        if classes < 2:
            return game.sample(64), 8
        if isinstance(game, Decodes):
            return game.decode(*_grid(game, classes)), _COLUMNS
        rows = torch.arange(classes, device=game.device).repeat_interleave(_COLUMNS)
        return game.sample(len(rows), rows), _COLUMNS


def density_of(game: Game, source: Source, own: Tensor, *, seed: int = 0) -> Heights | None:
    """The model's density on a grid around samples `own` (N, D) in own units; None beyond three dimensions.

    None, too, for a game that knows no density, for images, and for tables with categories.
    """
    size = source.spec.shape[0]
    drawable = size in _POINTS and not source.spec.is_image and not source.spec.simplexes
    if not drawable or not isinstance(game, Scores):
        return None
    low, high = own.amin(0), own.amax(0)
    edges = [torch.linspace(float(a), float(b), _POINTS[size]) for a, b in zip(low, high, strict=True)]
    grid = torch.cartesian_prod(*edges).view(-1, size)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed_of(seed, "density"))
        seen = source.units.seen(grid).to(game.device)
        scores = torch.cat([game.score(part) for part in seen.split(_AT_ONCE)]).cpu()
    density = (scores - source.units.log_scale(source.spec.shape)).exp().view([len(edge) for edge in edges])
    return Heights([edge.numpy() for edge in edges], density.numpy())


def _grid(game: Decodes, rows: int) -> tuple[Tensor, Tensor]:
    """The same latents in each row, and each row's number."""
    z = game.latents(_COLUMNS)
    return z.repeat(rows, 1), torch.arange(rows, device=z.device).repeat_interleave(_COLUMNS)
