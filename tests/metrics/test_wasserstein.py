import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

from saddlepoint.errors import BadOption
from saddlepoint.metrics import wasserstein as module
from saddlepoint.metrics.sliced_wasserstein import sliced_wasserstein
from saddlepoint.metrics.wasserstein import on_lines, wasserstein


def ring(n, rng):
    angle = rng.integers(8, size=n) * np.pi / 4
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.02 * rng.normal(size=(n, 2))


@pytest.mark.parametrize(("n", "m"), [(50, 50), (50, 70), (7, 100), (64, 2)])
def test_on_a_line_it_is_scipys(n, m):
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(n, 3)), 2 * rng.normal(size=(m, 3)) + 1
    expected = [wasserstein_distance(x, y) for x, y in zip(real.T, fake.T, strict=True)]
    assert on_lines(real, fake)[0] == pytest.approx(expected)
    assert wasserstein(real[:, :1], fake[:, :1]) == pytest.approx(expected[0])


def test_in_the_plane_it_is_the_best_pairing():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(80, 2)), rng.normal(size=(80, 2)) + 1
    cost = cdist(real, fake)
    assert wasserstein(real, fake) == pytest.approx(cost[linear_sum_assignment(cost)].mean())
    assert wasserstein(fake, real) == pytest.approx(float(wasserstein(real, fake)))
    assert wasserstein(real, real[::-1] + np.array([3, 4])) == pytest.approx(5)
    assert wasserstein(real, real[::-1]) == 0


def test_potentials_are_the_derivatives_by_the_weights():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(400, 1)), rng.normal(size=(300, 1)) ** 2
    _, potentials = on_lines(real, fake)
    step, weights = 1e-3, np.ones(300)
    weights[7] += 300 * step
    moved = wasserstein_distance(real[:, 0], fake[:, 0], None, weights) - wasserstein_distance(real[:, 0], fake[:, 0])
    assert moved / step == pytest.approx(potentials[7, 0] - potentials.mean(), rel=0.03)


@pytest.mark.parametrize(("n", "floor"), [(500, 0.075), (1000, 0.05)])
def test_equal_rings_are_at_the_floor(n, floor):
    rng = np.random.default_rng(0)
    found = [float(wasserstein(ring(n, rng), ring(n, rng))) for _ in range(8)]
    assert np.mean(found) == pytest.approx(floor, abs=0.015), "mostly by chance numbers in each mode"


def test_equal_gaussians_are_at_the_floor():
    rng = np.random.default_rng(0)
    found = [float(wasserstein(*rng.normal(size=(2, 1000, 2)))) for _ in range(4)]
    assert np.mean(found) == pytest.approx(0.15, abs=0.03)


def test_too_many_are_drawn_from_by_seed(monkeypatch):
    monkeypatch.setattr(module, "_MOST", 100)
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(300, 2)), rng.normal(size=(250, 2)) + 2
    assert wasserstein(real, fake) == wasserstein(real, fake)
    assert wasserstein(real, fake, seed=1) != wasserstein(real, fake)
    assert wasserstein(real, fake) == pytest.approx(np.sqrt(8), rel=0.1)


def test_slices_are_means_over_directions():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(300, 2)), rng.normal(size=(200, 2))
    around = np.linspace(0, np.pi, 400, endpoint=False)
    lines = np.stack([np.cos(around), np.sin(around)])
    expected = np.mean([wasserstein_distance(real @ line, fake @ line) for line in lines.T])
    found = sliced_wasserstein(real, fake, directions=500)
    assert found == pytest.approx(expected, rel=0.03)
    shifted = sliced_wasserstein(real, real + np.array([3, 4]), directions=2000)
    assert shifted == pytest.approx(5 * 2 / np.pi, rel=0.04), "the mean of |cos|"
    assert shifted.low < 5 * 2 / np.pi < shifted.high
    with pytest.raises(BadOption, match="directions: wanted at least 2, got 1"):
        sliced_wasserstein(real, fake, directions=1)
