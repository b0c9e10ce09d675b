"""What of a picture is known, and what is a hole in it."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.data._picture import picture_at
from saddlepoint.errors import BadData

_HALF = 128


def central(sides: tuple[int, int], share: float = 0.5) -> Tensor:
    """What is known, (H, W), of pictures with a hole in their centre, whose sides are this share of theirs: 1, or 0."""
    known = torch.ones(sides)
    high, wide = (max(1, round(share * side)) for side in sides)
    top, left = (sides[0] - high) // 2, (sides[1] - wide) // 2
    known[top : top + high, left : left + wide] = 0
    return known


def masked(path: str, sides: tuple[int, int]) -> Tensor:
    """What a mask in a file says is known, (H, W): 1, or 0 where it is black or transparent.

    Raises `BadData` for one of other `sides` than pictures have, and for one without a hole.
    """
    *colours, alpha = torch.tensor(picture_at(path, "RGBA"))
    known = ((torch.stack(colours).amax(0) >= _HALF) & (alpha >= _HALF)).float()
    if tuple(known.shape) != sides:
        wanted, got = ("x".join(map(str, one)) for one in (sides, known.shape))
        raise BadData(
            f"{path}: wanted a mask of {wanted} (height x width) as pictures have, got {got}; make it so large"
        )
    if known.all():
        raise BadData(f"{path}: wanted a mask with a hole, black or transparent, got none")
    return known
