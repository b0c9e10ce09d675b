"""The samples themselves."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import avg_pool2d

from saddlepoint.extractor import Array, Extractor
from saddlepoint.forms import form_of
from saddlepoint.source import Source
from saddlepoint.spec import Units


def values(source: Source) -> Extractor:
    """The numbers of a sample: coordinates, pixels; a table's columns standardised, its categories one-hot.

    Paper: textbook

    Images with a side above 32 are averaged down below it first.
    """
    if source.units.columns:
        return _Columns(source.units)
    by = form_of(source.spec).shrunken_by(_LARGEST)
    return _Shrunken(by) if by > 1 else _Values()


class _Values(Extractor):
    name = "values"

    def __call__(self, x: Array) -> Array:
        return np.asarray(x).reshape(len(x), -1)


class _Shrunken(Extractor):
    name = "values"

    def __init__(self, by: int) -> None:
        self._by, self.preprocessing = by, f"averaged down {by} times"

    def __call__(self, x: Array) -> Array:
        return avg_pool2d(torch.as_tensor(x), self._by, ceil_mode=True).flatten(1).numpy()


_LARGEST = 32


class _Columns(Extractor):
    name = "values"
    preprocessing = "columns standardised, categories one-hot"

    def __init__(self, units: Units) -> None:
        self._units = units

    def __call__(self, x: Array) -> Array:
        return self._units.seen(torch.as_tensor(x)).numpy()
