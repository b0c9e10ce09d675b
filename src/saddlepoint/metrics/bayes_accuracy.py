"""A density for each class as a classifier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate


def bayes_accuracy(scored_labels: NDArray[np.integer], classified: NDArray[np.integer]) -> Estimate:
    """The share of held-out samples (N,) whose likeliest class under p(x | y) p(y) is their own.

    Paper: Ng & Jordan 2001, On Discriminative vs. Generative Classifiers
    """
    return Estimate.share(np.asarray(scored_labels) == classified)
