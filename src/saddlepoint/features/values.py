"""The samples themselves."""

from __future__ import annotations

import numpy as np
import torch

from saddlepoint.extractor import Array, Extractor
from saddlepoint.source import Source, Units


def values(source: Source) -> Extractor:
    """The numbers of a sample: coordinates, pixels; a table's columns standardised, its categories one-hot.

    Paper: textbook
    """
    return _Columns(source.units) if source.units.columns else _Values()


class _Values(Extractor):
    name = "values"

    def __call__(self, x: Array) -> Array:
        return np.asarray(x).reshape(len(x), -1)


class _Columns(Extractor):
    name = "values"
    preprocessing = "columns standardised, categories one-hot"

    def __init__(self, units: Units) -> None:
        self._units = units

    def __call__(self, x: Array) -> Array:
        return self._units.seen(torch.as_tensor(x)).numpy()
