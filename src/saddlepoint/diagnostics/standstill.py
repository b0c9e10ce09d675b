"""A player that does not move."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def standstill(weight: Series, *, patience: int = 5) -> Finding | None:
    """The norm of a player's weights the same to the last digit for `patience` values in a row.

    Paper: none; a player that moves changes its weights
    """
    since = weight.held(lambda values: values == values[-1], patience)
    if since is None:
        return None
    return Finding(
        "the weights do not move",
        since,
        {"weight": weight.last},
        "a learning rate of zero, weights that no gradient reaches, or a clip (--run.clip) of zero",
        "look at this player's learning rate, and at what its loss depends on",
        curable=False,
    )
