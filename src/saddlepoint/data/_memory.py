"""What fits in memory."""

from __future__ import annotations

from saddlepoint.errors import BadData
from saddlepoint.machine import room


def fits(size: int, where: str) -> None:
    """Raises `BadData` where `size` bytes, twice over because they are copied, are more than the memory there is."""
    most = room.left()
    if 2 * size > most:
        wanted, there = (f"{count / 2**30:,.1f} GiB" for count in (2 * size, most))
        raise BadData(f"{where}: takes {wanted} of memory to read, and there are {there}; take a part of it")
