"""Files that users name, plain, gzipped or in a zip; one that cannot be read is a `BadData` naming it.

Links are followed, but what they lead to must be a regular file: a pipe may never answer and a device never end. What
is read is bounded, for a small file may unpack to any size.
"""

from __future__ import annotations

import gzip
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, cast

from saddlepoint.errors import BadData
from saddlepoint.machine.regular import opened, other_than_regular, up_to

UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError)
PICTURE, TABLE = 2**28, 2**30
# Others, such as bzip2, unpack a few bytes to gigabytes in one step, before anybody can look.
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def there(path: str) -> bool:
    """Whether something is at the path that a user wrote, `~` being home."""
    try:
        return Path(path).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def existing(path: str) -> Path:
    """The path that a user wrote, `~` being home; raises `BadData` unless a regular file or a folder is there."""
    try:
        found = Path(path).expanduser()
        folder = stat.S_ISDIR(found.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise BadData(f"{path}: no such file or folder in {Path.cwd()}; give the path of the data") from None
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise BadData(f"{path!r}: wanted the path of a file or folder ({error})") from error
    return found if folder else regular(found)


def holds_files(path: Path) -> bool:
    """Whether it is a folder or a zip by its name."""
    return path.is_dir() or path.suffix.lower() == ".zip"


def regular(path: Path) -> Path:
    """The path of a regular file; raises `BadData` for anything else, such as a pipe, and `OSError` for nothing."""
    if other := other_than_regular(path.stat().st_mode):
        raise BadData(f"{path}: wanted a regular file, got {other}; remove or replace it")
    return path


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """A regular file to read from, unpacked where its name ends in .gz; what it raises is a `BadData`."""
    try:
        with opened(regular(path)) as file, _plain(file, path.name) as plain:
            yield plain
    except UNREADABLE as error:
        raise BadData(f"{path}: cannot be read ({error}); get the file anew") from error


def contents(path: Path, most: int = TABLE) -> bytes:
    """All bytes of a file, unpacked where its name ends in .gz; raises `BadData` where there are more than `most`."""
    with unpacked(path) as file:
        return bounded(file, most, str(path))


def bounded(file: IO[bytes], most: int, where: str) -> bytes:
    """What is left in an opened file; raises `BadData` where it is more than `most` bytes."""
    content = up_to(file, most + 1)
    if len(content) > most:
        raise BadData(f"{where}: wanted at most {most / 2**20:,.0f} MiB, got more; make it smaller")
    return content


class Files:
    """The files of a folder or a zip by name, with `/` between the parts.

    May be sent to other processes: there it opens the zip for itself, and reads but has no list, for a long one
    that is sent to a process that has failed to start never arrives and never returns.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: _Zip | None = None
        self._is_folder = path.is_dir()
        self.names = sorted(_in_folder(path) if self._is_folder else self._in_zip())

    def read(self, name: str, most: int) -> bytes:
        """The bytes of the file `name`, unpacked where it ends in .gz; more than `most` raise `BadData`."""
        where = self.where(name)
        try:
            with self._open(name) as file, _plain(file, name) as plain:
                return bounded(plain, most, where)
        except UNREADABLE as error:
            if self._is_folder:
                with suppress(OSError):
                    # Not looked at before: it would cost as much as opening.
                    regular(Path(where))
            raise BadData(f"{where}: cannot be read ({error}); remove or replace it") from error

    def where(self, name: str) -> str:
        """`name` as errors show it."""
        return os.path.join(self.path, name)

    def _open(self, name: str) -> IO[bytes]:
        return opened(self.where(name)) if self._is_folder else self._zip().open(name)

    def _in_zip(self) -> list[str]:
        try:
            return list(self._zip().infos)
        except UNREADABLE as error:
            raise BadData(f"{self.path}: is no zip that can be read ({error}); get the file anew") from error

    def _zip(self) -> _Zip:
        # A forked process shares the position in its parent's open file, so it must not use it.
        if self._opened is None or self._opened.process != os.getpid():
            self._opened = _Zip(self.path)
        return self._opened

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "names": [], "_is_folder": self._is_folder, "_opened": None}


class _Zip:
    """A zip, opened by this process."""

    def __init__(self, path: Path) -> None:
        self.process = os.getpid()
        self._file = zipfile.ZipFile(path)
        named = ((_slashed(info.filename), info) for info in self._file.infolist())
        self.infos = {str(PurePosixPath(name)).lstrip("/"): info for name, info in named if not name.endswith("/")}

    def open(self, name: str) -> IO[bytes]:
        info = self.infos[name]
        packed(info)
        return self._file.open(info)


def _slashed(name: str) -> str:
    """A name with `/` between its parts, for which older tools of Windows write "\\"."""
    return name.replace("\\", "/")


def packed(info: zipfile.ZipInfo) -> None:
    """Raises `NotImplementedError` for a part of a zip that is packed in a way whose unpacking has no bounds."""
    if info.compress_type not in _BOUNDED:
        raise NotImplementedError("it is packed by another method than deflate; make the zip anew")


def _plain(file: IO[bytes], name: str) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=file)) if name.endswith(".gz") else file


def _in_folder(top: Path) -> list[str]:
    """The names of all files below a folder, but for those of runs that lie in it, whose pictures are no data.

    Raises `BadData` for a folder that links lead to once more.
    """
    found: list[str] = []
    met: dict[tuple[int, int], Path] = {}
    left = [top]
    while left:
        folder = left.pop()
        if folder != top and is_run(folder):
            continue
        try:
            _meet(folder, met)
            within = "" if folder == top else f"{folder.relative_to(top).as_posix()}/"
            with os.scandir(folder) as entries:
                for entry in entries:
                    if _is_folder(entry):
                        left.append(Path(entry.path))
                    else:
                        found.append(within + entry.name)
        except OSError as error:
            raise BadData(f"{folder}: cannot be read ({error}); remove or replace it") from error
    return found


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run."""
    return (folder / "config.toml").is_file() and (folder / "checkpoints").is_dir()


def _meet(folder: Path, met: dict[tuple[int, int], Path]) -> None:
    told = folder.stat()
    before = met.setdefault((told.st_dev, told.st_ino), folder)
    if before != folder:
        raise BadData(f"{before} and {folder} are one folder, because of a link; remove one of them")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or leads to one; raises `BadData` for a link to nothing, which might have been one."""
    if entry.is_symlink() and not entry.name.startswith("."):
        try:
            entry.stat()
        except OSError as error:
            raise BadData(f"{entry.path}: cannot be read ({error}); remove or replace it") from error
    return entry.is_dir()
