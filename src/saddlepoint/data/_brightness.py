"""Which values are white in a set of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from joblib import cpu_count

from saddlepoint.data._depth import DARK, DEEPEST, dark, taken, white_of
from saddlepoint.data._picture import Head, Pictures, Whites

_LOOKED_AT = 32


def brightened(pictures: Pictures, names: Sequence[str], heads: Sequence[Head]) -> tuple[Pictures, list[str]]:
    """The pictures with the values that are white in them, and what is to be told of those."""
    deep, plain = ([name for name, head in zip(names, heads, strict=True) if head.deep is d] for d in (True, False))
    notes, whites = [], Whites()
    if deep:
        peak = _peak(pictures, deep, DEEPEST // 4 + 1)
        whites = replace(whites, deep=white_of(peak))
        notes += [_depth(len(deep), peak, whites.deep)]
    peak = _peak(pictures, plain, DARK)
    if peak == 1:
        whites = replace(whites, plain=1)
        notes += ["the greatest value is 1: taken as black and white"]
    notes += [said] if peak > 1 and (said := dark(peak, 255)) else []
    return replace(pictures, whites=whites), notes


def _peak(pictures: Pictures, names: Sequence[str], enough: int) -> int:
    """The greatest value in some pictures, or one that is `enough`, for which a few of most sets will do."""
    peak = 0
    with ThreadPoolExecutor(cpu_count()) as pool:
        for start in range(0, len(names), _LOOKED_AT):
            peak = max(peak, *pool.map(pictures.peak, names[start : start + _LOOKED_AT]))
            if peak >= enough:
                break
    return peak


def _depth(count: int, peak: int, white: int) -> str:
    has = "1 image has" if count == 1 else f"{count} images have"
    if white == DEEPEST:
        return f"{has} 16 bits: scaled to 8"
    return f"{has} 16 bits, but the greatest value is {peak}: taken as {taken(white)}"
