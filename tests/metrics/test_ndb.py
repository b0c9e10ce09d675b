import numpy as np
import pytest

from saddlepoint.metrics.ndb import _divergence, ndb


def test_the_divergence_has_its_anchor():
    p, q = np.array([0.5, 0.5, 0, 0]), np.array([0, 0.5, 0.25, 0.25])
    assert _divergence(p, q)[0] == pytest.approx(0.346574, abs=1e-6)
    assert _divergence(q, p)[0] == pytest.approx(0.346574, abs=1e-6)
    step = np.array([0, -1e-6, 1e-6, 0])
    moved = _divergence(p, q + step)[0] - _divergence(p, q)[0]
    assert moved / 1e-6 == pytest.approx(_divergence(p, q)[1] @ step / 1e-6, rel=1e-4)


def test_other_real_samples_are_at_the_floor():
    rng = np.random.default_rng(0)
    found = [ndb(rng.normal(size=(2000, 3)), rng.normal(size=(2000, 3)), bins=40) for _ in range(10)]
    assert np.mean([one.different for one in found]) == pytest.approx(0.05, abs=0.04)
    assert np.mean([one.divergence for one in found]) == pytest.approx(40 * (2 / 2000) / 8, rel=0.3)
    assert all(one.different.high > 0.05 for one in found)


def test_lost_modes_are_counted():
    rng = np.random.default_rng(0)
    modes = 10 * rng.normal(size=(20, 2))
    real = modes[rng.integers(20, size=4000)] + 0.1 * rng.normal(size=(4000, 2))
    half = modes[rng.integers(10, size=4000)] + 0.1 * rng.normal(size=(4000, 2))
    found = ndb(real, half, bins=20)
    assert found.different > 0.8
    assert found.divergence == pytest.approx((np.log(2 / 3) + np.log(2)) / 4 + np.log(4 / 3) / 2, abs=0.01)
    assert ndb(real, np.zeros((4000, 2)) + 1000, bins=20).divergence == pytest.approx(np.log(2), abs=0.15)
    assert ndb(real, half, bins=20) == found


def test_fewer_distinct_samples_than_bins_are_taken():
    x = np.repeat(np.eye(3), 40, axis=0)
    assert ndb(x, x, bins=10) == (0, 0)
    rng = np.random.default_rng(0)
    real, fake = (np.eye(3)[rng.integers(3, size=400)] for _ in range(2))
    assert ndb(real, fake, bins=50).divergence < 0.01, "no bin is there twice"
