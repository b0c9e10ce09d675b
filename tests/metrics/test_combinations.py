"""Combinations of classes, where their numbers are known."""

import numpy as np
import pytest

from saddlepoint.errors import BadData
from saddlepoint.metrics.combinations import combinations


def test_perfect_samples_find_all_and_diverge_by_their_finite_number_alone():
    read = np.random.default_rng(0).integers(10, size=(26_000, 3))
    found = combinations(read, np.full(10, 0.1))
    assert found.found == 1000
    assert found.divergence == pytest.approx(999 / 52_000, rel=0.15)


def test_one_mode_diverges_by_the_logarithm_of_all():
    found = combinations(np.full((50, 3), 4), np.full(10, 0.1))
    assert found.found == 1
    assert found.divergence == pytest.approx(np.log(1000))


def test_shares_that_differ_are_those_of_the_truth():
    shares = np.array([0.75, 0.25])
    read = np.array([[0, 0]] * 9 + [[0, 1]] * 3 + [[1, 0]] * 3 + [[1, 1]])
    assert combinations(read, shares).divergence == pytest.approx(0, abs=1e-12)
    assert combinations(read, np.array([0.5, 0.5])).divergence == pytest.approx(
        sum(p * np.log(p * 4) for p in (9 / 16, 3 / 16, 3 / 16, 1 / 16))
    )


def test_classes_that_are_not_there_are_refused():
    with pytest.raises(BadData, match="combinations wants classes from 0 to 1, got 0 to 2"):
        combinations(np.array([[0, 2]]), np.full(2, 0.5))
