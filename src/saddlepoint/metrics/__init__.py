"""Metrics: arrays in, numbers out. Argument order is always (real, fake).

What a metric is given is told by its parameters' names, which are those of `saddlepoint.judging.evidence`.
"""

from saddlepoint.catalogue import Shelf

shelf = Shelf("metric", __name__)
build, names = shelf.build, shelf.names

__all__ = ["build", "names", "shelf"]
