import numpy as np
import pytest

from saddlepoint.errors import BadData, Unfit
from saddlepoint.metrics.inception_score import inception_score


def test_its_ends_are_one_and_the_number_of_classes():
    assert inception_score(np.full((100, 5), 0.2)) == pytest.approx(1)
    sure = np.eye(5)[np.repeat(np.arange(5), 100)]
    assert inception_score(sure) == pytest.approx(5), "also of samples drawn class by class"
    assert inception_score(sure[:100]) == pytest.approx(1)
    half = np.array([[0.75, 0.25], [0.25, 0.75]] * 50)
    expected = np.exp(0.75 * np.log(1.5) + 0.25 * np.log(0.5))
    assert inception_score(half, splits=2) == pytest.approx(1), "each split sees one kind of row"
    assert inception_score(half, splits=1) == pytest.approx(expected)


def test_its_interval_is_that_of_the_splits():
    p = np.random.default_rng(0).dirichlet(np.ones(4) / 3, 1000)
    found = inception_score(p)
    each = [float(inception_score(p[start::10], splits=1)) for start in range(10)]
    assert found == pytest.approx(np.mean(each))
    assert (found.high - found.low) / 3.92 == pytest.approx(np.std(each, ddof=1) / np.sqrt(10), rel=1e-4)
    assert inception_score(p, splits=1).low is None


def test_what_is_no_distribution_is_refused():
    with pytest.raises(BadData, match="got a sum of 2 with a least of 1 in row 0; apply a softmax"):
        inception_score(np.ones((40, 2)))
    with pytest.raises(BadData, match=r"least of -0\.5 in row 3"):
        inception_score(np.array([[0.5, 0.5]] * 3 + [[1.5, -0.5]] * 37))
    with pytest.raises(Unfit, match="at least 20 samples in fake_probabilities, got 10"):
        inception_score(np.full((10, 5), 0.2))
