import numpy as np
import pytest

from saddlepoint.errors import BadData, BadOption
from saddlepoint.metrics.class_entropy import class_entropy


def test_its_ends_are_nothing_and_one():
    assert class_entropy(np.full((50, 5), 0.2)) == pytest.approx(1)
    assert class_entropy(np.eye(5)[np.arange(50) % 5]) == 0
    half = class_entropy(np.array([[0.5, 0.5, 0, 0], [1, 0, 0, 0]] * 20))
    assert half == pytest.approx(0.25)
    assert half.low < 0.25 < half.high


def test_it_is_a_mean_over_samples():
    p = np.random.default_rng(0).dirichlet(np.ones(4), 200)
    expected = np.mean([-(row * np.log(row)).sum() / np.log(4) for row in p])
    assert class_entropy(p) == pytest.approx(expected)


def test_what_is_no_distribution_is_refused():
    with pytest.raises(BadData, match="class_entropy wants rows of probabilities that sum to 1, got a sum of 2"):
        class_entropy(np.ones((40, 2)))
    with pytest.raises(BadOption, match="classes: wanted at least 2, got 1"):
        class_entropy(np.ones((40, 1)))
