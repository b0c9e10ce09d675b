"""Waiting for the other processes of a run, which may be gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from torch import distributed as dist

from saddlepoint.errors import BadRun


@contextmanager
def together() -> Iterator[None]:
    """Waiting for the other processes; raises `BadRun` where one of them is gone."""
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and not _GONE.search(str(error)):
            raise
        raise BadRun("another process of this run is gone, killed or without memory") from error


# How the ways of communication say that nobody is at the other end.
_GONE = re.compile("connection (closed|reset)|broken pipe|peer|timed out|socket", re.IGNORECASE)
