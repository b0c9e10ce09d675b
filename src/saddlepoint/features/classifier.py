"""A classifier trained on the reference."""

from __future__ import annotations

import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from saddlepoint.classifier import Classifier
from saddlepoint.errors import BadData
from saddlepoint.extractor import Array, Extractor, Reads, cache_folder, digest_of
from saddlepoint.source import Source


def classifier(source: Source) -> Reader:
    """What the last layer sees of a small classifier that is trained on the labelled reference, once.

    Paper: textbook

    It is kept in the cache folder under what tells the reference from other data, so that every run on the same data
    is judged in the same features. Raises `BadData` for a reference without at least two classes.
    """
    if len(source.spec.classes) < 2:
        raise BadData("features of a classifier want a reference with labels of at least two classes; take values")
    file = cache_folder() / f"classifier-{_VERSION}-{source.digest}.safetensors"
    return Reader(_kept(file, source) or _made(file, source))


class Reader(Extractor, Reads):
    """A `Classifier` as features."""

    name = "classifier"
    preprocessing = "standardised"

    def __init__(self, network: Classifier) -> None:
        self.network, self.digest = network, digest_of(network.arrays())

    def __call__(self, x: Array) -> Array:
        return self.network.features(x)

    def probabilities(self, x: Array) -> Array:
        return self.network.probabilities(x)


_VERSION, _MOST = 1, 60_000


def _kept(file: Path, source: Source) -> Classifier | None:
    try:
        return Classifier.restore(load_file(file), source.spec.shape, len(source.spec.classes))
    except (OSError, SafetensorError, ValueError, KeyError):
        return None  # not there, cut short or of another kind: it is made again


def _made(file: Path, source: Source) -> Classifier:
    real = source.real(min(source.size or _MOST, _MOST))
    assert real.y is not None
    made = Classifier.fit(real.x.numpy(), real.y.numpy(), len(source.spec.classes))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.{os.getpid()}")
        save_file(made.arrays(), unfinished)
        os.replace(unfinished, file)
    except (OSError, SafetensorError):
        pass  # a cache that cannot be written costs time, no more
    return made
