"""What turns samples into features, in which distributions are compared."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


class Extractor(ABC):
    """Samples in own units (N, *shape) to features (N, F).

    `name` with `digest`, a hash of its weights, says which features these are: scores in other features are other
    scores. `preprocessing` says what is done to a sample first.
    """

    name: str
    digest: str = ""
    preprocessing: str = "none"

    @abstractmethod
    def __call__(self, x: Array) -> Array:
        """The features (N, F) of samples x (N, *shape)."""


class Reads(ABC):
    """An extractor that also tells classes."""

    @abstractmethod
    def probabilities(self, x: Array) -> Array:
        """p(y | x) of samples x (N, *shape), (N, C)."""


def digest_of(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Twelve hexadecimal digits that tell these arrays from others."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return digest.hexdigest()[:12]
