"""Files that users name, plain, gzipped or in a zip; one that cannot be read is a `BadData` naming it."""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from pathlib import Path

from saddlepoint.errors import BadData

UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError)


def existing(path: str) -> Path:
    """The path that a user wrote, `~` being home; raises `BadData` when nothing is there."""
    found = Path(path).expanduser()
    if not found.exists():
        raise BadData(f"{path}: no such file or folder in {Path.cwd()}; give the path of the data")
    return found


def contents(path: Path) -> bytes:
    """All bytes of a file, unpacked where its name ends in .gz."""
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as packed:
                return packed.read()
        return path.read_bytes()
    except UNREADABLE as error:
        raise BadData(f"{path}: cannot be read ({error}); get the file anew") from error


class Files:
    """The files of a folder or a zip by name, with `/` between the parts, and their sizes in bytes.

    May be sent to other processes: there it opens the zip for itself, and reads but has no list, for a long one
    that is sent to a process that has failed to start never arrives and never returns.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: tuple[int, zipfile.ZipFile] | None = None
        sizes = _in_folder(path) if path.is_dir() else self._in_zip()
        self.sizes = {name: sizes[name] for name in sorted(sizes)}

    def read(self, name: str) -> bytes:
        """The bytes of the file `name`."""
        try:
            return (self.path / name).read_bytes() if self.path.is_dir() else self._zip().read(name)
        except UNREADABLE as error:
            raise BadData(f"{self.where(name)}: cannot be read ({error}); remove or replace it") from error

    def where(self, name: str) -> str:
        """`name` as errors show it."""
        return str(self.path / name)

    def _in_zip(self) -> dict[str, int]:
        try:
            infos = self._zip().infolist()
        except UNREADABLE as error:
            raise BadData(f"{self.path}: is no zip that can be read ({error}); get the file anew") from error
        return {info.filename: info.file_size for info in infos if not info.is_dir()}

    def _zip(self) -> zipfile.ZipFile:
        # A forked process shares the position in its parent's open file, so it must not use it.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), zipfile.ZipFile(self.path)
        return self._opened[1]

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "sizes": {}, "_opened": None}


def _in_folder(path: Path) -> dict[str, int]:
    found = {}
    for folder, _, names in os.walk(path):
        for name in names:
            file = Path(folder, name)
            found[file.relative_to(path).as_posix()] = file.stat().st_size if file.exists() else 0
    return found
