"""What was dear to make, kept on this machine for the next process that wants it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def cache_folder() -> Path:
    """Where it is kept: `SADDLEPOINT_CACHE`, else the user's own cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("SADDLEPOINT_CACHE") or user_cache_path("saddlepoint"))


def keep(file: Path, write: Callable[[Path], object]) -> bool:
    """Have `write` make a file of the cache, put in place in one instant; whether that could be done.

    A cache that cannot be written costs the next process time, no more.
    """
    from safetensors import SafetensorError

    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write(unfinished)
        os.replace(unfinished, file)
    except (OSError, SafetensorError):
        _away(unfinished)
        return False
    return True


def bound(folder: Path, most: int) -> None:
    """Remove the files of a folder of the cache that were used longest ago, until all take `most` bytes at most."""
    taken = 0
    # Other processes may remove them at the same time.
    with suppress(OSError):
        for file in sorted(folder.iterdir(), key=lambda one: -one.stat().st_mtime_ns):
            taken += file.stat().st_size
            if taken > most:
                _away(file)


def _away(file: Path) -> None:
    # Another process may hold it, or the cache may only be read.
    with suppress(OSError):
        file.unlink(missing_ok=True)
