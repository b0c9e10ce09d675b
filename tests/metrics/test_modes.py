"""Mode counts on samples whose answer is known."""

import numpy as np
import pytest

from saddlepoint import data
from saddlepoint.metrics.modes import modes


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_a_perfect_sampler_gets_the_ceiling(name):
    source = data.build(name)
    found = modes(source.means.numpy(), source.std, source.real(50_000).x.numpy())
    assert found.covered == found.fair == len(source.means)
    assert found.quality == pytest.approx(1 - np.exp(-4.5), abs=0.003)
    assert found.width == pytest.approx(0.974, abs=0.01), "a Gaussian cut at three deviations in the plane"
    assert found.offset < 0.03
    assert found.divergence < 0.002


def test_lost_shrunken_and_uneven_modes_are_seen():
    rng = np.random.default_rng(0)
    means = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    one = means[0] + rng.normal(size=(1000, 2))
    lost = modes(means, 1.0, one)
    assert (lost.covered, lost.fair) == (1, 1)
    assert lost.divergence == pytest.approx(np.log(4))
    shrunken = modes(means, 1.0, means[rng.integers(4, size=4000)] + 0.1 * rng.normal(size=(4000, 2)))
    assert shrunken.quality == 1
    assert shrunken.width == pytest.approx(0.1, rel=0.05)
    assert shrunken.offset < 0.01
    uneven = modes(means, 1.0, np.concatenate([one, means[1:2]]))
    assert (uneven.covered, uneven.fair) == (2, 1)
    nothing = modes(means, 1.0, np.full((10, 2), 100.0))
    assert (nothing.covered, nothing.quality) == (0, 0)
    assert np.isnan(nothing.width)
    assert np.isnan(nothing.offset)


def test_a_narrow_mode_in_the_wrong_place_is_narrow_and_offset():
    rng = np.random.default_rng(0)
    means = np.array([[0.0, 0.0], [10.0, 0.0]])
    moved = means[rng.integers(2, size=4000)] + np.array([0.5, -0.5]) + 0.1 * rng.normal(size=(4000, 2))
    found = modes(means, 1.0, moved)
    assert found.width == pytest.approx(0.1, rel=0.05)
    assert found.offset == pytest.approx(0.5, rel=0.02)
    one = modes(means, 1.0, means)
    assert np.isnan(one.width), "of one sample a mode nothing can be said"
    assert one.offset == 0


def test_the_density_of_equal_gaussians_is_scipys():
    from scipy.stats import multivariate_normal

    from saddlepoint.metrics.modes import log_density, nearest_mode

    means = np.array([[0.0, 0.0], [1.0, 2.0]])
    x = np.random.default_rng(0).normal(size=(50, 2))
    each = [multivariate_normal(mean, 0.3**2).pdf(x) for mean in means]
    assert log_density(means, 0.3, x) == pytest.approx(np.log(np.mean(each, axis=0)))
    assert nearest_mode(means, np.array([[0.1, 0.1], [2.0, 2.0]])).tolist() == [0, 1]
