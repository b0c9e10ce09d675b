"""Which source reads a path."""

from __future__ import annotations

import importlib

from saddlepoint.data import shelf
from saddlepoint.data._files import existing
from saddlepoint.errors import BadData


def reader_of(path: str) -> str:
    """The name of the source that reads `path`; raises `BadData` when nothing is there or nobody reads it."""
    found = existing(path)
    readers = [name for name in shelf.names() if shelf.entry(name).parts[:1] == ("path",)]
    try:
        for name in readers:
            if importlib.import_module(f"{shelf.package}.{name}").reads(found):
                return name
    except OSError as error:
        raise BadData(f"{path}: cannot be read ({error})") from error
    known = "; ".join(f"{name}: {shelf.entry(name).summary.rstrip('.')}" for name in readers)
    raise BadData(f"{path}: nobody reads such a file; wanted one of {known}")
