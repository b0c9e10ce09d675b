from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from saddlepoint.catalogue import Shelf

if TYPE_CHECKING:
    from saddlepoint.extractor import Extractor
    from saddlepoint.source import Source

shelf = Shelf("features", __name__)
build, names = shelf.build, shelf.names

__all__ = ["build", "extractor_of", "names", "shelf"]


def extractor_of(name: str, source: Source) -> Extractor:
    """The features called `name` for a reference: a shelf's, package.module:function, or a network in a file.

    Raises `UnknownName` with the nearest, and `BadData` for a file that holds no network.
    """
    if Path(name).suffix in (".onnx", ".pt", ".pth", ".ts"):
        from saddlepoint.features._file import network_in

        return network_in(name)
    made: Extractor = build(name, source)
    return made
