"""How many real neighbourhoods each fake lies in, and how many hold a fake."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from saddlepoint.limits import at_least
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array
from saddlepoint.metrics._inputs import features
from saddlepoint.metrics._neighbours import blocks, crowds, squared_radii


class DensityCoverage(NamedTuple):
    """Density from 0, about 1 for equal distributions; coverage from 0 to about 1 - 2^-k, more where samples repeat."""

    density: Estimate
    coverage: Estimate


def density_coverage(real: Array, fake: Array, *, k: int = 5) -> DensityCoverage:
    """How full real neighbourhoods are of fakes (M, F), and the share of real samples (N, F) with a fake in theirs.

    Paper: Naeem et al. 2020, Reliable Fidelity and Diversity Metrics for Generative Models, section 3

    A neighbourhood reaches to the real sample's `k`-th nearest other one, so that an outlier among the fakes counts for
    little. It holds `k` real samples or, where more are just as far, as with categories and ratings, all of these: its
    edge belongs to it, and each fake in it counts for one over what it holds. Raises Unfit for fewer than k + 1 samples
    on a side, BadData unless they are finite.
    """
    at_least(1, "density_coverage", k=k)
    real, fake = features("density_coverage", k + 1, real=real, fake=fake)
    around_real, held = squared_radii(real, k), crowds(real, k)
    density, covered = np.zeros(len(fake)), np.zeros(len(real), bool)
    for block in blocks(fake, real):
        inside = block.within(around_real, strict=False)
        density[block.rows] = inside @ (1 / held)
        covered |= inside.any(axis=0)
    return DensityCoverage(Estimate.mean(density), Estimate.share(covered, others=len(fake)))
