"""Whether samples are good to learn from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate


def train_on_synthetic(held_out_labels: NDArray[np.integer], learned: NDArray[np.integer]) -> Estimate:
    """The accuracy on held-out real samples (N,) of a classifier that was trained on the model's samples alone.

    Paper: Ravuri & Vinyals 2019, Classification Accuracy Score for Conditional Generative Models, section 3
    """
    return Estimate.share(np.asarray(held_out_labels) == learned)
