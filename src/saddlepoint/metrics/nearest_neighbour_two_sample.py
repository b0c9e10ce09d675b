"""Whether the nearest neighbours of samples are of their own side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array
from saddlepoint.metrics._inputs import features
from saddlepoint.metrics._neighbours import blocks, nearest


class NearestNeighbourTwoSample(NamedTuple):
    """Shares of samples nearest to one of their own side: 1/2 is ideal, above it the sides are apart.

    Below 1/2 fakes lie on real samples, as copies do. `real` and `fake` are the parts of `accuracy`: fakes that lie
    too close together have a low `real` beside a high `fake`.
    """

    accuracy: Estimate
    real: Estimate
    fake: Estimate


def nearest_neighbour_two_sample(real: Array, fake: Array, *, seed: int = 0) -> NearestNeighbourTwoSample:
    """The leave-one-out accuracy of a nearest-neighbour classifier on real (N, F) and fake (M, F).

    Paper: Lopez-Paz & Oquab 2017, Revisiting Classifier Two-Sample Tests, section 3; Xu et al. 2018, An empirical study
    on evaluation metrics of generative adversarial networks, section 2

    As many of each side as the smaller one has, since the larger would win by number. Where several are nearest, as
    with categories, the share of them that is of its own side counts. Raises Unfit for fewer than 2 samples on a side,
    BadData unless they are finite.
    """
    real, fake = features("nearest_neighbour_two_sample", 2, real=real, fake=fake)
    rng, count = np.random.default_rng(seed), min(len(real), len(fake))
    real, fake = (x if len(x) == count else x[rng.permutation(len(x))[:count]] for x in (real, fake))
    on_real, on_fake = _own(real, fake), _own(fake, real)
    return NearestNeighbourTwoSample(*map(Estimate.mean, (np.concatenate([on_real, on_fake]), on_real, on_fake)))


def _own(x: Array, other: Array) -> Array:
    """For each sample of `x` 1 if its nearest neighbour is of `x` too, 0 if not; at ties the share of those."""
    among, across = nearest(x, x, others=True).distances[:, 0], nearest(x, other).distances[:, 0]
    own, tied = (among < across).astype(np.float64), np.flatnonzero(among == across)
    ours, theirs = (_as_near(x[tied], points, across[tied]) for points in (x, other))
    own[tied] = (ours - 1) / (ours - 1 + theirs)
    return own


def _as_near(queries: Array, points: Array, distances: Array) -> Array:
    """How many of the points lie as near to each query as this distance (Q,)."""
    found = np.empty(len(queries))
    for block in blocks(queries, points):
        # A root and its square may differ by the last bit.
        reach = np.square(distances[block.rows, None]) * (1 + 4 * np.finfo(np.float64).eps)
        found[block.rows] = block.within(reach, strict=False).sum(axis=1)
    return found
