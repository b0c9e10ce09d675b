"""Which fakes lie among the real samples, and which real samples among the fakes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from saddlepoint.limits import at_least
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array
from saddlepoint.metrics._inputs import features
from saddlepoint.metrics._neighbours import blocks, squared_radii


class PrecisionRecall(NamedTuple):
    """Shares of fakes that look real, and of real samples that could be fakes."""

    precision: Estimate
    recall: Estimate


def precision_recall(real: Array, fake: Array, *, k: int = 3) -> PrecisionRecall:
    """Shares of fakes (M, F) in a real sample's neighbourhood, and of real samples (N, F) in a fake's.

    Paper: Kynkäänniemi et al. 2019, Improved Precision and Recall Metric, equations 1 and 2

    A neighbourhood reaches to the sample's `k`-th nearest other one, inclusive. What equal distributions get depends
    on F and N, so read it beside real samples judged by real samples. Raises Unfit for fewer than k + 1 samples on a
    side, BadData unless they are finite.
    """
    at_least(1, "precision_recall", k=k)
    real, fake = features("precision_recall", k + 1, real=real, fake=fake)
    around_real, around_fake = squared_radii(real, k), squared_radii(fake, k)
    precise, recalled = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for block in blocks(fake, real):
        precise[block.rows] = block.within(around_real, strict=False).any(axis=1)
        recalled |= block.within(around_fake[block.rows, None], strict=False).any(axis=0)
    return PrecisionRecall(Estimate.share(precise), Estimate.share(recalled, others=len(fake)))
