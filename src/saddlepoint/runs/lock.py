"""One writer for a run folder: a second one is refused instead of undoing what the first does."""

from __future__ import annotations

import os
import sys
import weakref
from pathlib import Path

from saddlepoint.errors import BadRun
from saddlepoint.runs.storage import writing

if sys.platform != "win32":
    import fcntl


class Lock:
    """Holds a run folder until `release`, or until the process ends, however it ends.

    Raises `BadRun`, naming the process that holds it, where another one does. What a fork inherits holds nothing, so
    that readers of data which outlive a killed run are not in the way of going on.
    """

    def __init__(self, folder: Path) -> None:
        file = folder / ".lock"
        with writing(file):
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        self.release = weakref.finalize(self, os.close, descriptor)
        if not _held(descriptor):
            holder = os.read(descriptor, 20).decode(errors="replace").strip()
            self.release()
            raise BadRun(
                f"{folder} is in use by process {holder or 'unknown'}, which trains or judges it; "
                "wait until it is done, or stop it"
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def _held(descriptor: int) -> bool:
    """Whether an open file is this process's alone now; where the system has no such locks, always."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
