"""Diagnostics: one file for each symptom. Its parameters are the names of the series it looks at."""

from saddlepoint.catalogue import Shelf

shelf = Shelf("diagnostic", __name__)
build, names = shelf.build, shelf.names

__all__ = ["build", "names", "shelf"]
