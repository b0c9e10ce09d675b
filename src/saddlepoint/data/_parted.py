"""A finite set in memory, parted into what is trained on and what is held out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from saddlepoint.source import Source, Stored, shares_of, split_off
from saddlepoint.spec import Spec, Units


def parted(
    x: Tensor,
    y: Tensor | None,
    parts: tuple[Tensor, Tensor],
    units: Units,
    *,
    classes: tuple[str, ...] = (),
    bounds: tuple[float, float] | None = None,
    simplexes: Sequence[tuple[int, int]] = (),
) -> Source:
    """The source of samples (N, ...) and labels (N,), of which `parts` are the indices (kept, held out)."""
    kept, held = parts
    shares = () if y is None else shares_of(y[kept], len(classes))
    spec = Spec(tuple(x.shape[1:]), classes, shares, bounds, tuple(simplexes), units=units)
    ys = (None, None) if y is None else (y[kept], y[held])
    return Stored(spec, x[kept], ys[0], x[held], ys[1])


def divided(held: Sequence[bool] | None, count: int, y: Tensor | None, share: float) -> tuple[Tensor, Tensor]:
    """Indices (kept, held out) of samples: as `held` says of each, or by `share` where nothing says it."""
    if held is None:
        return split_off(y, count, share)
    out = torch.tensor(held)
    return (~out).nonzero()[:, 0], out.nonzero()[:, 0]
