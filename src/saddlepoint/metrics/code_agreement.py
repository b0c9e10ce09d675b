"""How well a model's own code stands for known groups."""

from __future__ import annotations

import numpy as np

from saddlepoint.metric import Estimate
from saddlepoint.metrics.code_purity import Labels, counts


def code_agreement(group: Labels, code: Labels) -> Estimate:
    """The share of samples in their code's group under the best one-to-one pairing of codes and groups; (N,) each.

    Paper: Kuhn 1955, The Hungarian Method for the Assignment Problem

    Lower than `code_purity` where two codes share a group.

    >>> float(code_agreement(np.array([0, 0, 0, 1]), np.array([2, 2, 5, 7])))
    0.75
    """
    from scipy.optimize import linear_sum_assignment

    codes, groups = linear_sum_assignment(counts(group, code), maximize=True)
    pairs = dict(zip(np.unique(code)[codes].tolist(), np.unique(group)[groups].tolist(), strict=True))
    return Estimate.share(np.array([pairs.get(one) for one in code.tolist()], dtype=object) == group)
