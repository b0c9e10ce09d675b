"""Regions of the data where no samples fall any more, or ever."""

from __future__ import annotations

import numpy as np

from saddlepoint.history import Finding, Series


def mode_dropping(coverage: Series, *, least: float = 0.1, kept: float = 0.4, patience: int = 4) -> Finding | None:
    """The share of real neighbourhoods with a sample in them, of which real data has 1, low for many looks in a row.

    Paper: Naeem et al. 2020, Reliable Fidelity and Diversity Metrics for Generative Models (the coverage)

    Low is below `kept` times the best before, if that was above a half, for `patience` looks; or below `least` for
    three times as many, since all is missing at first.
    """
    best = float(np.nanmax(coverage.values[:-patience], initial=0.0))
    limit, looks = (kept * best, patience) if best > 0.5 else (least, 3 * patience)
    since = coverage.held(lambda values: ~(values >= limit), looks)
    if since is None:
        return None
    reached = f"{coverage.last:.0%}" if np.isfinite(coverage.last) else "nothing"
    fallen = f", after {best:.0%} at its best" if best > 0.5 else ""
    return Finding(
        f"samples reach {reached} of what real samples reach of the data{fallen}",
        since,
        {"coverage": coverage.last, "best": best, "limit": limit},
        "whole kinds of samples are missing, or everything that is made lies beside the data",
        "look at the samples: where kinds are missing, try --regularizer r1,r2, --game.pack 2 or --objective r3gan; "
        "where none is good yet, train longer or with a larger network",
    )
