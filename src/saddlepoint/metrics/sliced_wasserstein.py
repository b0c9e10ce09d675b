"""The cost of moving fake samples onto real ones, seen from many directions."""

from __future__ import annotations

from math import hypot

import numpy as np

from saddlepoint.limits import at_least
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array, standard_error, with_error
from saddlepoint.metrics._inputs import features
from saddlepoint.metrics.wasserstein import on_lines

# Directions at a time: a column of projections each.
_LINES = 16


def sliced_wasserstein(real: Array, fake: Array, *, directions: int = 256, seed: int = 0) -> Estimate:
    """The mean Wasserstein-1 distance of projections of (N, F) and (M, F) onto random directions, in their units.

    Paper: Bonneel et al. 2015, Sliced and Radon Wasserstein Barycenters of Measures (with power 1)

    All samples are used, whatever their number. The error is that of the fakes and of the directions. Raises Unfit for
    fewer than 2 samples on a side, BadData unless they are finite.
    """
    at_least(2, "sliced_wasserstein", directions=directions)
    real, fake = features("sliced_wasserstein", 2, real=real, fake=fake)
    lines = np.random.default_rng(seed).normal(size=(real.shape[1], directions))
    lines /= np.linalg.norm(lines, axis=0)
    values, influence = np.empty(directions), np.zeros(len(fake))
    for start in range(0, directions, _LINES):
        part = slice(start, start + _LINES)
        values[part], potentials = on_lines(_projected(real, lines[:, part]), _projected(fake, lines[:, part]))
        influence += potentials.sum(axis=1) / directions
    error = hypot(standard_error(influence) or 0.0, standard_error(values) or 0.0)
    return with_error(values.mean(), error)


def _projected(x: Array, lines: Array) -> Array:
    """(N, L), without a float64 copy of all samples."""
    return np.concatenate([x[start : start + 4096].astype(np.float64) @ lines for start in range(0, len(x), 4096)])
