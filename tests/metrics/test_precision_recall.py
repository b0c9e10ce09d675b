import numpy as np
import pytest
from scipy.spatial.distance import cdist

from saddlepoint.metrics import _neighbours
from saddlepoint.metrics.precision_recall import precision_recall


def by_definition(real, fake, k):
    around_real, around_fake = (np.sort(cdist(x, x), axis=1)[:, k] for x in (real, fake))
    distances = cdist(fake, real)
    return (distances <= around_real).any(axis=1).mean(), (distances <= around_fake[:, None]).any(axis=0).mean()


@pytest.mark.parametrize("block", [1000, 2**21])
def test_it_is_the_definition(block, monkeypatch):
    monkeypatch.setattr(_neighbours, "_BLOCK", block)
    monkeypatch.setattr(_neighbours, "_LEAST", 1)
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(210, 6)), 0.8 * rng.normal(size=(170, 6)) + 0.3
    assert precision_recall(real, fake) == pytest.approx(by_definition(real, fake, 3))
    swapped = precision_recall(fake, real)
    assert swapped == pytest.approx(precision_recall(real, fake)[::-1])


@pytest.mark.parametrize(("features", "precision", "recall"), [(2, 0.998, 0.996), (64, 0.714, 0.703)])
def test_equal_gaussians_get_what_was_measured(features, precision, recall):
    rng = np.random.default_rng(0)
    found = precision_recall(*rng.normal(size=(2, 2000, features)), k=5)
    assert found == pytest.approx((precision, recall), abs=0.035)


def test_narrow_and_wide_fakes_fail_on_the_other_side():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(500, 16))
    narrow, wide = (
        precision_recall(real, 0.6 * rng.normal(size=(500, 16))),
        precision_recall(real, 1.6 * rng.normal(size=(500, 16))),
    )
    assert narrow.precision > 0.99
    assert narrow.recall < 0.2
    assert wide.precision < 0.3
    assert wide.recall > 0.95


def test_a_fake_as_far_as_the_radius_counts():
    real = np.array([[0.0], [1], [2], [3]])
    fake = np.array([[5.0], [-2], [20], [30]])
    assert precision_recall(real, fake, k=2).precision == 0.5, "radii 2, 1, 1 and 2"
