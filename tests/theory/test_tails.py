"""Tail reports on samples whose tails are known."""

import numpy as np
import pytest
from scipy.stats import norm

from saddlepoint.errors import BadOption
from saddlepoint.theory import tail_report


def test_gaussian_samples_have_gaussian_tails():
    found = tail_report(np.random.default_rng(0).normal(4, 1.5, 200_000), 4, 1.5)
    assert found.truth == pytest.approx((0.0455, 0.0027, 6.33e-5), abs=5e-5)
    assert found.beyond == pytest.approx(found.truth, abs=0.002)
    assert found.ks < 1.63 / np.sqrt(200_000), "the 1 % point"
    assert found.w1 < 0.01
    wanted, seen = found.quantiles[1000:-1000].T
    assert seen == pytest.approx(wanted, abs=0.05)


def test_bounded_samples_have_none():
    found = tail_report(np.random.default_rng(0).uniform(-np.sqrt(3), np.sqrt(3), 50_000))
    assert found.beyond == (0, 0, 0)
    assert found.farthest == pytest.approx(np.sqrt(3), abs=1e-3)
    assert found.ks > 0.05


def test_heavy_tails_have_more():
    found = tail_report(np.random.default_rng(0).standard_t(3, 50_000))
    assert found.beyond[1] > 10 * found.truth[1]
    assert found.quantiles[-1, 1] > 2 * found.quantiles[-1, 0]


def test_a_shift_is_its_own_distance_and_units_are_deviations():
    samples = 2 * norm.ppf((np.arange(5000) + 0.5) / 5000)
    found = tail_report(samples + 1, 0, 2)
    assert found.w1 == pytest.approx(0.5, abs=1e-9)
    assert found.ks == pytest.approx(2 * norm.cdf(0.25) - 1, abs=1e-3)
    assert found.quantiles.shape == (5000, 2)


@pytest.mark.parametrize("samples", [[], [1.0, np.nan], [np.inf]])
def test_samples_that_cannot_be_judged_are_refused(samples):
    with pytest.raises(BadOption, match="tail_report wanted finite samples"):
        tail_report(samples)


def test_a_width_of_nothing_is_refused():
    with pytest.raises(BadOption, match="std: wanted a number above 0, got 0"):
        tail_report([1.0], std=0)
