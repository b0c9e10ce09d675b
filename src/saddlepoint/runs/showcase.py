"""What is drawn beside samples: the density and the discriminator's surface in space, the nearest training samples."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

import torch
from torch import Tensor

from saddlepoint.errors import Unfit
from saddlepoint.game import Discerns, Game, Scores
from saddlepoint.judging.reference import Reference
from saddlepoint.metrics._neighbours import nearest
from saddlepoint.report.pictures import Heights
from saddlepoint.seeds import seed_of
from saddlepoint.source import Source

_COLUMNS = 10
_POINTS = {1: 512, 2: 128, 3: 36}
_AT_ONCE = 4096


def density_of(game: Game, source: Source, own: Tensor, *, seed: int = 0) -> Heights | None:
    """The model's density on a grid around samples `own` (N, D) in own units; None beyond three dimensions.

    None, too, for a game that knows no density, for images, tables with categories, and samples of what is given.
    """
    if not isinstance(game, Scores) or not _drawable(source, _POINTS):
        return None
    edges = _edges(own)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed_of(seed, "density"))
        scores = _over(edges, source, game, game.score)
    density = (scores - source.units.log_scale(source.spec.shape)).exp()
    return Heights([edge.numpy() for edge in edges], density.numpy())


def surface_of(game: Game, source: Source, own: Tensor) -> Heights | None:
    """What the discriminator gives to the points of a plane around samples `own` (N, 2); None where it has none.

    None, too, for more or fewer dimensions, for samples that are asked for, and for a discriminator of packs.
    """
    if not isinstance(game, Discerns) or source.spec.classes or not _drawable(source, (2,)):
        return None
    edges = _edges(own)
    try:
        scores = _over(edges, source, game, game.discern)
    except Unfit:
        return None
    return Heights([edge.numpy() for edge in edges], scores.numpy())


def _drawable(source: Source, sizes: Container[int]) -> bool:
    spec = source.spec
    return spec.shape[0] in sizes and not spec.is_image and not spec.simplexes and spec.given is None


def _edges(own: Tensor) -> list[Tensor]:
    low, high, points = own.amin(0), own.amax(0), _POINTS[own.shape[1]]
    return [torch.linspace(float(a), float(b), points, dtype=own.dtype) for a, b in zip(low, high, strict=True)]


def _over(edges: Sequence[Tensor], source: Source, game: Game, score: Callable[[Tensor], Tensor]) -> Tensor:
    """The scores of all points of a grid in own units, in its shape."""
    seen = game.placed(source.units.seen(torch.cartesian_prod(*edges).view(-1, len(edges))))
    with torch.no_grad():
        scores = torch.cat([score(part) for part in seen.split(_AT_ONCE)])
    return scores.cpu().view([len(edge) for edge in edges])


def neighbours_of(samples: Tensor, reference: Reference) -> Tensor | None:
    """Ten of the samples (N, C, H, W), and under each the training sample nearest in features; None but for images."""
    if not reference.source.spec.is_image:
        return None
    shown = samples[:_COLUMNS]
    near = nearest(reference.features(shown), reference.training_features).indices[:, 0]
    return torch.cat([shown.cpu(), reference.training.x[near]])
