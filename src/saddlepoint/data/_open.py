"""What names data, a source or a path, and which source reads a path."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from saddlepoint.data import shelf
from saddlepoint.data._files import existing, there
from saddlepoint.errors import BadData, BadOption

if TYPE_CHECKING:
    from saddlepoint.source import Source


def is_path(data: str) -> bool:
    """Whether `data` is a path: no name of a source that reads none, and there, or no import path of a source."""
    if data in shelf.names() and not shelf.entry(data).parts:
        return False
    return there(data) or not _is_import_path(data)


def checked(data: str) -> None:
    """Raises `UnknownName` for a misspelt name and `BadData` for a path where nothing is."""
    word = re.fullmatch(r"\w+", data) and data not in shelf.names()
    if is_path(data) and (there(data) or not word):
        existing(data)
    else:
        shelf.entry(data)


def _is_import_path(data: str) -> bool:
    module, colon, function = data.rpartition(":")
    in_module = module.endswith(".py") or all(part.isidentifier() for part in module.split("."))
    return bool(colon) and in_module and function.isidentifier()


def alike_by(name: str) -> Callable[..., Source] | None:
    """What reads a path as other data was read, where the file of the source `name` offers `alike`; else None."""
    offered = importlib.import_module(f"{shelf.package}.{name}") if name in shelf.names() else None
    return getattr(offered, "alike", None)


def reader_of(path: str, told: Collection[str] = ()) -> str:
    """The name of the source that reads `path` best, and takes all the options `told` where there is such a one.

    Of several that read it as well, the first on the shelf. Raises `BadData` when nothing is there or nobody reads it.
    """
    found = existing(path)
    taking = [name for name in readers() if set(told) <= shelf.entry(name).options.keys()]
    try:
        best = _best(found, taking) or _best(found, readers())
    except OSError as error:
        raise BadData(f"{path}: cannot be read ({error})") from error
    if best:
        return best
    known = "; ".join(f"{name}: {shelf.entry(name).summary.rstrip('.')}" for name in readers())
    raise BadData(f"{path}: nobody reads such a file; wanted one of {known}")


def readers() -> list[str]:
    """The names of the sources that read a path."""
    return [name for name in shelf.names() if _reads_paths(name)]


def named_reader(name: str) -> str:
    """The `name` of a source that was told to read a path; raises `BadOption` for one that reads none."""
    if not _reads_paths(name):
        raise BadOption(f"data {name!r} reads no path; there are: {', '.join(readers())}")
    return name


def _reads_paths(name: str) -> bool:
    return shelf.entry(name).parts[:1] == ("path",)


def _best(path: Path, names: Sequence[str]) -> str | None:
    """Which of some sources reads a path best, by what each says of it: 0 not at all, 1 by kind, 2 by what it holds."""
    ranks = {name: importlib.import_module(f"{shelf.package}.{name}").reads(path) for name in names}
    best = max(names, key=lambda name: ranks[name], default=None)
    return best if best and ranks[best] else None
