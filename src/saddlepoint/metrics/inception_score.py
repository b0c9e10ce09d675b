"""How sure a classifier is of samples, and how many classes they spread over."""

from __future__ import annotations

import numpy as np

from saddlepoint.limits import at_least
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array
from saddlepoint.metrics._inputs import distributions


def inception_score(fake_probabilities: Array, *, splits: int = 10) -> Estimate:
    """exp of the mean KL(p(y|x) || p(y)) over samples, from 1 to C; probabilities (N, C) of any classifier.

    Paper: Salimans et al. 2016, Improved Techniques for Training GANs, section 4

    The mean over `splits`, its interval from their deviation (papers report the deviation itself). It sees neither
    what a class looks like nor the real data. Raises Unfit for fewer than two samples a split, BadData for rows that
    are no distributions.
    """
    at_least(1, "inception_score", splits=splits)
    p = distributions("inception_score", 2 * splits, fake_probabilities=fake_probabilities)
    # Every `splits`-th sample, since samples drawn class by class would leave a class to each run of them.
    return Estimate.mean(np.array([_score(p[start::splits]) for start in range(splits)]))


def _score(p: Array) -> float:
    from scipy.special import rel_entr

    return float(np.exp(rel_entr(p, p.mean(axis=0)).sum(axis=1).mean()))
