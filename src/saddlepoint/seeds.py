"""Seeds as functions of what they are for, so that nothing random depends on what ran before."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

_MASK = (1 << 64) - 1


@lru_cache(maxsize=64)
def _word(part: int | str) -> int:
    return part & _MASK if isinstance(part, int) else int.from_bytes(blake2b(part.encode(), digest_size=8).digest())


def seed_of(*parts: int | str) -> int:
    """A 63-bit seed that depends on every part and their order (splitmix64, folded).

    >>> seed_of(0, "step", 1) != seed_of(0, "step", 2) != seed_of(1, "step", 2)
    True
    """
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state + _word(part) + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state >> 1
