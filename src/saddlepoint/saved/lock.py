"""One writer for a run folder: a second one is refused instead of undoing what the first does."""

from __future__ import annotations

import errno
import os
import sys
import weakref
from pathlib import Path

from saddlepoint.errors import BadRun
from saddlepoint.machine.regular import other_than_regular
from saddlepoint.saved.storage import writing

if sys.platform != "win32":
    import fcntl


class Lock:
    """Holds a run folder until `release`, or until the process ends, however it ends.

    Raises `BadRun`, naming the process that holds it, where another one does. What a fork inherits holds nothing, so
    that readers of data which outlive a killed run are not in the way of going on.
    """

    def __init__(self, folder: Path) -> None:
        file = folder / ".lock"
        # The system's locks are a process's: it would get its own again, and lose it with the first that is closed.
        if _identity(file) in _held:
            raise _taken(folder, f"{os.getpid()}, this one")
        for name in ("checkpoints", "samples", "tensorboard"):
            if (folder / name).is_symlink():
                raise BadRun(f"{folder / name} is a link; what a run writes lies in its own folder")
        with writing(file):
            opened = _opened(file)
        if not _locked(opened):
            holder = os.read(opened, 20).decode(errors="replace").strip()
            os.close(opened)
            raise _taken(folder, holder or "unknown")
        identity = _identity(file)
        _held.add(identity)
        # Once is enough, and where nobody lets go, the end of this object does.
        self.release = weakref.finalize(self, _let_go, opened, identity)
        os.ftruncate(opened, 0)
        os.pwrite(opened, f"{os.getpid()}\n".encode(), 0)


_held: set[tuple[int, int] | None] = set()


def _opened(file: Path) -> int:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    if other := other_than_regular(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, f"wanted a regular file, got {other}", str(file))
    return descriptor


def _let_go(file: int, identity: tuple[int, int] | None) -> None:
    _held.discard(identity)
    os.close(file)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        told = file.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


def _taken(folder: Path, holder: str) -> BadRun:
    return BadRun(
        f"{folder} is in use by process {holder}, which trains or judges it; wait until it is done, or stop it"
    )


def _locked(file: int) -> bool:
    """Whether an open file is this process's alone now; where the system has no such locks, always."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN)
    return True
