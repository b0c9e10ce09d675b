"""Whether fakes lie nearer to the training samples than samples that were never trained on."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np

from saddlepoint.errors import Unfit
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array, bootstrapped, with_error
from saddlepoint.metrics._inputs import features
from saddlepoint.metrics._neighbours import nearest

_NEAR, _MOST_KNOWN = 0.01, 0.25


class Memorisation(NamedTuple):
    """Three views of the distances to the nearest training sample, of fakes against held-out samples.

    `ratio` of the medians: about 1, toward 0 for copies. `nearer`, how often a fake lies nearer than a held-out
    sample: about 1/2, toward 1. `copies`, the share of fakes nearer than all but one in a hundred of the held-out
    samples: about 0.01, toward 1; of fewer than 100 held-out samples, nearer than all of them.
    """

    ratio: Estimate
    nearer: Estimate
    copies: Estimate


def memorisation(training: Array, suspects: Array, held_out: Array) -> Memorisation:
    """How near `suspects` (M, F), fakes, lie to `training` samples (N, F), against `held_out` ones (H, F) of the same.

    Paper: Meehan et al. 2020, A Non-Parametric Test to Detect Data-Copying in Generative Models, section 3 (`nearer`
    over the whole space); DeLong et al. 1988, Comparing the Areas under Two or More Correlated Receiver Operating
    Characteristic Curves (its error)

    Samples of poor quality lie far from everything and hide copies from `ratio` and `nearer`, but not from `copies`.
    The errors are those of the fakes and of the held-out samples. Raises Unfit for fewer than 10 samples on a side or
    if a quarter of the held-out ones were trained on too, BadData unless they are finite.
    """
    training, suspects, held_out = features("memorisation", 10, training=training, suspects=suspects, held_out=held_out)
    ours, theirs = (nearest(x, training).distances[:, 0] for x in (suspects, held_out))
    known = float((theirs == 0).mean())
    if known >= _MOST_KNOWN:
        raise Unfit(
            f"memorisation wants held-out samples that are not in the training set, got {known:.0%} that are; drop "
            "duplicates before splitting; where samples have few different values nobody can tell copies from others"
        )
    copies = ours <= np.quantile(theirs, _NEAR, method="lower")
    return Memorisation(
        bootstrapped(_ratio, ours, theirs), _nearer(ours, theirs), Estimate.share(copies, others=len(held_out))
    )


def _ratio(ours: Array, theirs: Array) -> float:
    # The bootstrap may draw known samples alone.
    middle = np.median(theirs) or np.median(theirs[theirs > 0])
    return float(np.median(ours) / middle)


def _nearer(ours: Array, theirs: Array) -> Estimate:
    """P(ours < theirs), ties by half."""
    above, below = _beyond(theirs, ours), _beyond(-ours, -theirs)
    spread = below.var(ddof=1) / len(theirs) + above.var(ddof=1) / len(ours)
    return with_error(above.mean(), sqrt(spread))


def _beyond(values: Array, bars: Array) -> Array:
    """For each bar the share of values above it, ties by half."""
    ordered = np.sort(values)
    sides = np.searchsorted(ordered, bars, "left") + np.searchsorted(ordered, bars, "right")
    return 1 - sides / (2 * len(values))
