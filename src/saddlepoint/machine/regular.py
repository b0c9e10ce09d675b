"""Regular files alone: a pipe, a device or a socket in their place is refused instead of waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import IO, BinaryIO

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def opened(path: Path | str) -> BinaryIO:
    """A regular file, open for reading; links are followed. Raises `OSError` for what is none, at once."""
    descriptor = os.open(path, os.O_RDONLY | _AT_ONCE)
    if other := other_than_regular(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, f"wanted a regular file, got {other}", str(path))
    return os.fdopen(descriptor, "rb")


def other_than_regular(mode: int) -> str:
    """What a file of this `st_mode` is, in words, where it is no regular one."""
    kind = stat.S_IFMT(mode)
    return "" if kind == stat.S_IFREG else _KINDS.get(kind, "something else")


def read(path: Path, most: int) -> bytes:
    """All bytes of a regular file; raises `OSError` for what is none, and for more than `most` bytes."""
    with opened(path) as file:
        found = up_to(file, most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, f"has more than {most / 2**20:,.0f} MiB", str(path))
    return found


def up_to(file: IO[bytes], most: int) -> bytes:
    """At most so many bytes of an opened file, in parts, so that no memory is taken for bytes that are not there."""
    parts = []
    while most > 0 and (part := file.read(min(_PART, most))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


_PART = 2**20
