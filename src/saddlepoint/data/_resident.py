"""Whether a set of images is held in memory or read while training, and what tells one that is not from others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from torch import Tensor

_GIB = 2**30
_LEAST_HELD = 1000


def gibibytes(bytes_each: int, count: int) -> float:
    """How much memory so many samples take."""
    return bytes_each * count / _GIB


def streaming(count: int, what: str, gib: float) -> str:
    """What is to be told of samples that are read while training."""
    needed = f"{ceil(100 * gib) / 100:g}"
    return f"{count} {what} would take {needed} GiB: read while training (--data.memory {needed} holds them)"


def most_held(bytes_each: int, memory: float) -> int:
    """How many held-out samples, in 32 bits, there is room for in `memory` GiB."""
    return max(_LEAST_HELD, int(memory * _GIB / (4 * bytes_each)))


def identity(told: object, digests: Iterable[bytes], parts: Sequence[Tensor | None]) -> dict[str, Any]:
    """What tells files that are not held in memory from others: their content, in order, and what is `told` of them."""
    sha = hashlib.sha256(repr(told).encode())
    for digest in digests:
        sha.update(digest)
    for part in parts:
        if part is not None:
            sha.update(part.numpy().tobytes())
    return {"sha256 of files": sha.hexdigest()}
