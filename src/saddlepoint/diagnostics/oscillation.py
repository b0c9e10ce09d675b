"""Samples that swing to and fro instead of getting better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from saddlepoint.history import Finding, Series


def oscillation(
    variety: Series, variety_error: Series, *, leg: float = 0.25, turns: int = 5, window: int = 20
) -> Finding | None:
    """The samples' spread, of which real data has 1, turning `turns` times by `leg` in the last `window` values.

    Paper: Mescheder et al. 2018, Which Training Methods for GANs do actually Converge?, section 2

    A leg is six of the spread's own standard errors at least: that of few samples swings by itself.
    """
    values, errors = variety.values[-window:], variety_error.values[-window:]
    if len(values) < window or not np.isfinite([values, errors]).all():
        return None
    found = _turns(values, max(leg, 6 * float(np.median(errors))))
    if found < turns:
        return None
    return Finding(
        f"the samples' spread has swung {found} times between {values.min():.2g} and {values.max():.2g} of real data's",
        int(variety.steps[-window]),
        {"turns": found, "least": float(values.min()), "greatest": float(values.max())},
        "the players chase each other in circles: each answers to where the other one was",
        "less momentum (--optimizer.beta1 0), lower learning rates, a gradient penalty (--regularizer r1,r2), or "
        "--run.solver extragradient",
    )


def _turns(values: NDArray[np.float64], leg: float) -> int:
    """How often a series turns, after moving at least `leg` one way, to move as far the other way."""
    turns, way, extreme = -1, 0, float(values[0])
    for value in values[1:]:
        if way * (value - extreme) > 0 or (way == 0 and abs(value - extreme) >= leg):
            way, extreme = way or (1 if value > extreme else -1), float(value)
            turns = max(turns, 0)
        elif way and abs(value - extreme) >= leg:
            turns, way, extreme = turns + 1, -way, float(value)
    return max(turns, 0)
