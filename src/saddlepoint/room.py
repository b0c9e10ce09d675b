"""How much memory there is left."""

from __future__ import annotations

import os
import re
from pathlib import Path


def left() -> int:
    """Bytes that this process may still take: what is left of the machine, its container and its own limit."""
    return min(_left_by_the_machine(), *map(_number_in, _CONTAINERS), _allowed_to_the_process())


def _left_by_the_machine() -> int:
    told = Path("/proc/meminfo")
    found = re.search(r"MemAvailable:\s+(\d+) kB", told.read_text()) if told.exists() else None
    if found:
        return int(found[1]) * 1024
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _ENDLESS


def _number_in(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return _ENDLESS


def _allowed_to_the_process() -> int:
    try:
        import resource
    except ModuleNotFoundError:
        return _ENDLESS
    allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
    return _ENDLESS if allowed == resource.RLIM_INFINITY else max(allowed - _addressed(), 0)


def _addressed() -> int:
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


_ENDLESS = 2**63 - 1
_CONTAINERS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
