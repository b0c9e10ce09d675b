"""How much memory there is left."""

from __future__ import annotations

import os
import re
from pathlib import Path


def left() -> int:
    """Bytes that this process may still take: what is left of the machine, its container and its own limit."""
    return min(_left_by_the_machine(), *map(_left_in, _CONTAINERS), _allowed_to_the_process())


def _left_by_the_machine() -> int:
    told = Path("/proc/meminfo")
    found = re.search(r"MemAvailable:\s+(\d+) kB", told.read_text()) if told.exists() else None
    if found:
        return int(found[1]) * 1024
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _ENDLESS


def _left_in(container: tuple[Path, Path]) -> int:
    """What is left between a container's limit and what it has taken."""
    try:
        limit, taken = (int(file.read_text()) for file in container)
    except (OSError, ValueError):
        return _ENDLESS
    return max(limit - taken, 0)


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
_GROUPS = Path("/sys/fs/cgroup")
_CONTAINERS = (
    (_GROUPS / "memory.max", _GROUPS / "memory.current"),
    (_GROUPS / "memory" / "memory.limit_in_bytes", _GROUPS / "memory" / "memory.usage_in_bytes"),
)
