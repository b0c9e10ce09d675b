import numpy as np
import pytest
from scipy.spatial.distance import cdist

from saddlepoint.metrics import _neighbours
from saddlepoint.metrics.density_coverage import density_coverage


def by_definition(real, fake, k):
    radii = np.sort(cdist(real, real), axis=1)[:, k]
    distances = cdist(fake, real)
    return (distances < radii).sum() / (k * len(fake)), (distances.min(axis=0) < radii).mean()


@pytest.mark.parametrize("block", [1000, 2**21])
def test_it_is_the_definition(block, monkeypatch):
    monkeypatch.setattr(_neighbours, "_BLOCK", block)
    monkeypatch.setattr(_neighbours, "_LEAST", 1)
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(210, 6)), 0.8 * rng.normal(size=(170, 6)) + 0.3
    assert density_coverage(real, fake) == pytest.approx(by_definition(real, fake, 5))
    assert density_coverage(fake, real) == pytest.approx(by_definition(fake, real, 5))
    assert density_coverage(fake, real) != pytest.approx(density_coverage(real, fake), rel=0.05)


@pytest.mark.parametrize("features", [2, 64])
def test_equal_distributions_cover_what_counting_says(features):
    rng = np.random.default_rng(0)
    found = density_coverage(*rng.normal(size=(2, 2000, features)))
    assert found.coverage == pytest.approx(0.9689, abs=0.012)
    assert found.density == pytest.approx(1, abs=0.15)


def test_lost_modes_show_in_coverage_and_bad_samples_in_density():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(800, 4)) + 20 * rng.integers(2, size=(800, 1))
    one_mode = density_coverage(real, rng.normal(size=(800, 4)))
    assert one_mode.coverage == pytest.approx(0.5, abs=0.05)
    assert one_mode.density == pytest.approx(1, abs=0.1)
    half_bad = np.where(rng.random((800, 1)) < 0.5, real, 100)
    assert density_coverage(real, half_bad).density < 1


def test_a_fake_as_far_as_the_radius_counts():
    real = np.array([[0.0], [1], [2], [3]])
    fake = np.array([[5.0], [-2], [20], [30]])
    assert density_coverage(real, fake, k=2) == (0.25, 0.5), "radii 2, 1, 1 and 2"


def test_ties_are_counted_by_hand():
    """Three zeros and two ones: with k = 1 a neighbourhood is a value, and holds two others or one."""
    real, fake = np.array([[0.0], [0], [0], [1], [1]]), np.array([[0.0], [0], [0], [0]])
    assert density_coverage(real, fake, k=1) == (1.5, 0.6), "each fake lies in three that hold two"


@pytest.mark.parametrize("questions", [1, 2, 6])
def test_a_perfect_sample_of_ratings_covers_as_real_ones_do(questions):
    rng = np.random.default_rng(0)
    draw = lambda: rng.choice(5, (600, questions), p=[0.1, 0.1, 0.2, 0.4, 0.2]) / 1.7
    found, floor = density_coverage(draw(), draw()), density_coverage(draw(), draw())
    assert found.coverage == pytest.approx(floor.coverage, abs=0.05)
    assert found.coverage > 0.93
    assert found.density == pytest.approx(1, abs=0.2)
    narrow = density_coverage(draw(), np.full((600, questions), 3 / 1.7))
    assert narrow.coverage < 0.7


def test_a_perfect_sample_of_categories_covers_all():
    rng = np.random.default_rng(0)
    real, fake = (np.eye(6)[rng.integers(6, size=200)] for _ in range(2))
    found = density_coverage(real, fake)
    assert found.coverage == 1
    assert found.density == pytest.approx(1, abs=0.1)
    assert density_coverage(real, fake[fake[:, 0] == 0]).coverage == pytest.approx(1 - real[:, 0].mean())
