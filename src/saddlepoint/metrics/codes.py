"""How well a discrete code stands for known groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.integer]


def purity(groups: Labels, codes: Labels) -> float:
    """The share of samples that lie in the commonest group of their code; (N,) labels each.

    Paper: Manning, Raghavan & Schuetze 2008, Introduction to Information Retrieval, section 16.3

    >>> purity(np.array([0, 0, 1, 1]), np.array([5, 5, 5, 2]))
    0.75
    """
    return float(_counts(groups, codes).max(axis=1).sum() / len(codes))


def agreement(groups: Labels, codes: Labels) -> float:
    """The share of samples in their code's group under the best one-to-one pairing of codes and groups; (N,) each.

    Paper: Kuhn 1955, The Hungarian Method for the Assignment Problem

    Lower than `purity` where two codes share a group.

    >>> agreement(np.array([0, 0, 0, 1]), np.array([2, 2, 5, 7]))
    0.75
    """
    from scipy.optimize import linear_sum_assignment

    counts = _counts(groups, codes)
    return float(counts[linear_sum_assignment(counts, maximize=True)].sum() / len(codes))


def _counts(groups: Labels, codes: Labels) -> NDArray[np.integer]:
    """How many samples of each code (rows) lie in each group (columns)."""
    _, row = np.unique(codes, return_inverse=True)
    _, column = np.unique(groups, return_inverse=True)
    counts = np.zeros((row.max() + 1, column.max() + 1), np.int64)
    np.add.at(counts, (row, column), 1)
    return counts
