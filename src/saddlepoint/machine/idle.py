"""What threads do that have nothing to do."""

from __future__ import annotations

from collections.abc import MutableMapping

# Fewer cost more alone, more cost more beside another program.
_SPINS = "2000"


def soon_asleep(environment: MutableMapping[str, str]) -> None:
    """Let threads that wait for each other fall asleep soon, by the environment that torch will be imported in.

    GNU OpenMP has them spin for long. Beside another busy program they hold the core on which the one that they
    wait for would run, and a step takes tens of times as long (`benchmarks/busy.py`). What the user said of it stays.
    """
    if "OMP_WAIT_POLICY" not in environment:
        environment.setdefault("GOMP_SPINCOUNT", _SPINS)
