"""How unsure a classifier is of what each sample is."""

from __future__ import annotations

import numpy as np

from saddlepoint.limits import at_least
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array
from saddlepoint.metrics._inputs import distributions


def class_entropy(fake_probabilities: Array) -> Estimate:
    """The mean entropy of p(y|x) over samples, from 0 to 1: over log C; probabilities (N, C) of any classifier.

    Paper: Elgammal et al. 2017, CAN: Creative Adversarial Networks, section 3.2 (style ambiguity)

    Near 1 samples are of no class that the classifier knows; also noise may be, so read it beside what tells samples
    from real ones. Raises Unfit for fewer than two samples, BadData for rows that are no distributions.
    """
    from scipy.special import entr

    p = distributions("class_entropy", 2, fake_probabilities=fake_probabilities)
    at_least(2, "class_entropy", classes=p.shape[1])
    return Estimate.mean(entr(p).sum(axis=1) / np.log(p.shape[1]))
