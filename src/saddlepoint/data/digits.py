"""The real handwritten digits that scikit-learn's wheel holds."""

from __future__ import annotations

import torch

from saddlepoint.ranges import ProperShare
from saddlepoint.source import Source, Stored, shares_of, split_off
from saddlepoint.spec import IMAGE_UNITS, Spec


def digits(*, held_out: ProperShare = 0.2) -> Source:
    """1,797 handwritten digits as grey images (1, 8, 8) with labels 0 to 9, a share held out for judging.

    Paper: Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits (UCI), as shipped by scikit-learn

    The 17 grey levels 0 to 16 are spread over 0 to 255.
    """
    from sklearn.datasets import load_digits

    raw = load_digits()
    x = torch.from_numpy(raw.images).mul(255 / 16).round().to(torch.uint8)[:, None]
    y = torch.from_numpy(raw.target).long()
    kept, held = split_off(y, len(y), held_out)
    classes = tuple(str(name) for name in raw.target_names)
    spec = Spec((1, 8, 8), classes, shares_of(y[kept], len(classes)), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    return Stored(spec, x[kept], y[kept], x[held], y[held])
