"""What fits in memory."""

from __future__ import annotations

import os
from pathlib import Path

from saddlepoint.errors import BadData

_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def fits(size: int, where: str) -> None:
    """Raises `BadData` where `size` bytes, twice over because they are copied, are more than the memory there is."""
    most = memory()
    if 2 * size > most:
        wanted, there = (f"{count / 2**30:,.1f} GiB" for count in (2 * size, most))
        raise BadData(f"{where}: takes {wanted} of memory to read, and there are {there}; take a part of it")


def memory() -> int:
    """How many bytes this process may hold: those of the machine, or fewer where a container has a limit."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2**63
    return min([whole, *(int(told) for told in map(_told, _LIMITS) if told.isdecimal())])


def _told(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
