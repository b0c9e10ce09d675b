"""A finite set in memory, parted into what is trained on and what is held out."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from saddlepoint.source import Source, Stored, shares_of
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
