"""How likely held-out samples are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate


def log_likelihood(scores: NDArray[np.floating]) -> Estimate:
    """The mean of log p(x) over held-out samples (N,), in nats a sample; -inf where one is impossible.

    Paper: Theis, van den Oord & Bethge 2016, A Note on the Evaluation of Generative Models, section 3
    """
    scores = np.asarray(scores, np.float64)
    return Estimate.mean(scores) if np.isfinite(scores).all() else Estimate(scores.mean())
