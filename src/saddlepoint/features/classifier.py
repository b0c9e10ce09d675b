"""A classifier trained on the reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from saddlepoint.classifier import Classifier, Tell, nobody
from saddlepoint.errors import BadData
from saddlepoint.extractor import Array, Extractor, Reads, digest_of
from saddlepoint.machine.cache import cache_folder, keep
from saddlepoint.source import Source
from saddlepoint.spec import Units


def classifier(source: Source) -> Reader:
    """What the last layer sees of a small classifier that is trained on the labelled reference, once.

    Paper: textbook

    It is kept in the cache folder under what tells the reference from other data, so that every run on the same data
    is judged in the same features. Raises `BadData` for a reference without at least two classes.
    """
    if len(source.spec.classes) < 2:
        raise BadData("features of a classifier want a reference with labels of at least two classes; take values")
    return Reader(fitted(source), source.units)


class Reader(Extractor, Reads):
    """A `Classifier` as features."""

    name = "classifier"
    preprocessing = "standardised"

    def __init__(self, network: Classifier, units: Units) -> None:
        self._network, self._units, self.digest = network, units, digest_of(network.arrays())

    def __call__(self, x: Array) -> Array:
        return self._network.features(taken(x, self._units))

    def probabilities(self, x: Array) -> Array:
        return self._network.probabilities(taken(x, self._units))

    def predict(self, x: Array) -> NDArray[np.integer[Any]]:
        """The most likely class (N,) of samples x (N, *shape) in own units."""
        return self._network.predict(taken(x, self._units))


def taken(x: Array, units: Units) -> Array:
    """Samples in own units as a classifier takes them: a table's columns standardised, its categories one-hot."""
    return units.seen(torch.as_tensor(x)).numpy() if units.columns else x


def most_of(source: Source) -> int:
    """How many training samples are taken to judge by: 60,000 and a gibibyte of float32 at most."""
    return max(1, min(source.size or 10_000, 60_000, 2**28 // source.spec.size))


_VERSION = 3
_UNWRITTEN: dict[Path, Classifier] = {}


def fitted(source: Source, tell: Tell = nobody) -> Classifier:
    """The classifier of a labelled reference: the one that is kept, else one that is fitted now and kept.

    `tell` is told how many steps of fitting are done, and of how many.
    """
    return fitted_before(source) or _made(_file(source), source, tell)


def fitted_before(source: Source) -> Classifier | None:
    """The classifier of a labelled reference that was fitted before; None where it would have to be fitted."""
    file = _file(source)
    return _UNWRITTEN.get(file) or _read(file, source)


def _file(source: Source) -> Path:
    return cache_folder() / f"classifier-{_VERSION}-{source.digest}.safetensors"


def _read(file: Path, source: Source) -> Classifier | None:
    try:
        return Classifier.restore(load_file(file), source.spec.shape, len(source.spec.classes))
    except (OSError, SafetensorError, ValueError, KeyError):
        return None  # not there, cut short or of another kind: it is made again


def _made(file: Path, source: Source, tell: Tell) -> Classifier:
    real = source.real(most_of(source))
    assert real.y is not None
    x = taken(real.x.numpy(), source.units)
    made = Classifier.fit(x, real.y.numpy(), len(source.spec.classes), tell=tell)
    if not keep(file, lambda unfinished: save_file(made.arrays(), unfinished)):
        _UNWRITTEN[file] = made
    return made
