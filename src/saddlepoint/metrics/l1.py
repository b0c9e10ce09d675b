"""How far answers are from the truth."""

from __future__ import annotations

import numpy as np

from saddlepoint.metric import Estimate
from saddlepoint.metrics._answers import pairs
from saddlepoint.metrics._estimate import Array


def l1(truth: Array, answer: Array) -> Estimate:
    """The mean absolute error of answers (N, ...) beside the samples (N, ...) that belong to the same questions.

    Paper: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks, equation 3

    In the samples' own units; 0 is without error. Raises BadData for two shapes.

    >>> float(l1(np.zeros((2, 4)), np.full((2, 4), 0.5)))
    0.5
    """
    truth, answer = pairs("l1", truth, answer)
    return Estimate.mean(np.abs(answer - truth).reshape(len(truth), -1).mean(axis=1))
