"""Limits of options that a type alone cannot say."""

from __future__ import annotations

from saddlepoint.errors import BadOption


def at_least(least: float, table: str, /, **given: float) -> None:
    """Raises `BadOption` for the first of the `given` options of a configuration's `table` that is below `least`."""
    for name, value in given.items():
        if not value >= least:
            raise BadOption(f"{table}.{name}: wanted at least {least:g}, got {value}")
