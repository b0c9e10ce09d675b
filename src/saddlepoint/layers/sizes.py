"""Sizes and channels of networks that halve and double, for images of any size."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import pad


def sides(height: int, width: int, *, largest: int = 7) -> list[tuple[int, int]]:
    """The sizes from full down to the smallest: at least one halving.

    >>> sides(28, 28)
    [(28, 28), (14, 14), (7, 7)]
    """
    found = [(height, width)]
    while len(found) < 2 or max(found[-1]) > largest:
        height, width = (height + 1) // 2, (width + 1) // 2
        found.append((height, width))
    return found


def widths(width: int, stages: int) -> list[int]:
    """Channels after each halving."""
    return [width * min(2**stage, 8) for stage in range(stages)]


def even(h: Tensor) -> Tensor:
    """Images (B, C, H, W) with a zero row or column added where a side is odd."""
    odd_width, odd_height = h.shape[-1] % 2, h.shape[-2] % 2
    return pad(h, (0, odd_width, 0, odd_height)) if odd_width or odd_height else h
