"""Whether samples are of the class that was asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate


def class_accuracy(asked: NDArray[np.integer], read: NDArray[np.integer]) -> Estimate:
    """The share of samples that the judging classifier reads as the class (N,) they were made for.

    Paper: Odena, Olah & Shlens 2017, Conditional Image Synthesis with Auxiliary Classifier GANs, section 4.2
    """
    return Estimate.share(np.asarray(asked) == read)
