"""Depth of pixels: how bright a value is depends on the greatest there is, not on the type that holds it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
Pixels = NDArray[np.uint8]

_DEPTHS = (1, 8, 10, 12, 14, 16)
# Below this the networks see a picture that is all but black.
DARK = 32
DEEPEST = 2**16 - 1


def white_of(peak: int) -> int:
    """The value of white where `peak` is the greatest: that of the least usual depth, 1, 8, 10, 12, 14, 16 bits."""
    return next(2**bits - 1 for bits in _DEPTHS if peak < 2**bits)


def spread(values: Values, white: int) -> Pixels:
    """Whole numbers from 0 to `white` as bytes, rounded; none is greater than 255."""
    wide = values.astype(np.int64)
    return ((wide * 255 + white // 2) // white).clip(0, 255).astype(np.uint8)


def taken(white: int) -> str:
    """What values up to `white` are taken for."""
    return "black and white" if white == 1 else f"{white.bit_length()} bits"


def dark(peak: float, white: float) -> str:
    """What is to be told where the greatest value is `peak` of `white`; nothing where that is bright enough."""
    if not 0 < peak < DARK / 255 * white:
        return ""
    return (
        f"the greatest value is {peak:g} of {white:g}: networks see all but black; spread the values if they are dark"
    )


def shallow(images: Values) -> tuple[Pixels, list[str]]:
    """Images of whole numbers from 0 to 65535 as bytes, white being that of their depth, and what is to be told."""
    peak = int(images.max())
    white = white_of(peak)
    if images.dtype == np.uint8 and white > 1:
        return images, [said] if (said := dark(peak, 255)) else []
    note = f"the greatest value is {peak}, in {images.dtype}: taken as {taken(white)}"
    return spread(images, white), [note] if peak else []
