"""How likely held-out images are, by the number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate


def bits_per_dimension(scores: NDArray[np.floating], size: int) -> Estimate:
    """Minus log p(x) of held-out images in [0, 1], in bits for each of their `size` numbers; scores in nats (N,).

    Paper: Theis, van den Oord & Bethge 2016, A Note on the Evaluation of Generative Models, section 3.1

    What -log2 of a level's mass would be, log2(256) = 8 for a uniform density: comparable between models whose density
    is of 8-bit data with noise of one level put to it.
    """
    bits = 8 - np.asarray(scores, np.float64) / size / np.log(2)
    return Estimate.mean(bits) if np.isfinite(bits).all() else Estimate(bits.mean())
