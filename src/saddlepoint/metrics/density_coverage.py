"""How many real neighbourhoods each fake lies in, and how many hold a fake."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from saddlepoint.limits import at_least
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array
from saddlepoint.metrics._inputs import features
from saddlepoint.metrics._neighbours import blocks, squared_radii


class DensityCoverage(NamedTuple):
    """Density from 0, about 1 for equal distributions; coverage from 0 to about 1 - 2^-k."""

    density: Estimate
    coverage: Estimate


def density_coverage(real: Array, fake: Array, *, k: int = 5) -> DensityCoverage:
    """Real neighbourhoods a fake (M, F) lies in, over `k`; the share of real samples (N, F) with a fake in theirs.

    Paper: Naeem et al. 2020, Reliable Fidelity and Diversity Metrics for Generative Models, section 3

    A neighbourhood reaches to the real sample's `k`-th nearest other one, exclusive, so that an outlier among the fakes
    counts for little. Raises Unfit for fewer than k + 1 samples on a side, BadData unless they are finite.
    """
    at_least(1, "density_coverage", k=k)
    real, fake = features("density_coverage", k + 1, real=real, fake=fake)
    around_real = squared_radii(real, k)
    density, covered = np.zeros(len(fake)), np.zeros(len(real), bool)
    for block in blocks(fake, real):
        inside = block.within(around_real, strict=True)
        density[block.rows] = inside.sum(axis=1) / k
        covered |= inside.any(axis=0)
    return DensityCoverage(Estimate.mean(density), Estimate.share(covered, others=len(fake)))
