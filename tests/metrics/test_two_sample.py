"""Both two-sample tests: by a classifier and by the nearest neighbour."""

import numpy as np
import pytest

from saddlepoint.metrics.classifier_two_sample import classifier_two_sample, z_of
from saddlepoint.metrics.nearest_neighbour_two_sample import nearest_neighbour_two_sample


def ring(n, seed, std=0.02):
    rng = np.random.default_rng(seed)
    angle = rng.integers(8, size=n) * np.pi / 4
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) + std * rng.normal(size=(n, 2))


def normal(n, features, seed):
    return np.random.default_rng(seed).normal(size=(n, features))


def test_the_anchor():
    assert z_of(0.55, 1000) == pytest.approx(3.1623, abs=1e-4)


def test_equal_distributions_are_not_told_apart():
    z = [classifier_two_sample(normal(100, 4, seed), normal(100, 4, 1000 + seed)).z for seed in range(8)]
    assert abs(np.mean(z)) < 3 / np.sqrt(8)
    assert max(np.abs(z)) < 3.5


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        (ring(2000, 0), ring(2000, 1, std=0.035)),
        (normal(1500, 200, 0), normal(1500, 200, 1) + 0.06),
        (normal(1500, 50, 0), 0.9 * normal(1500, 50, 1)),
        (normal(50, 2, 0), normal(50, 2, 1) + 2),
    ],
    ids=["wider modes", "a shift in all", "a scale", "few"],
)
def test_what_differs_is_told_apart(real, fake):
    found = classifier_two_sample(real, fake)
    assert found.z > 3
    assert found == classifier_two_sample(real, fake)
    assert found.accuracy == pytest.approx(float(classifier_two_sample(fake, real).accuracy), abs=0.12)


def test_units_and_constant_features_do_not_matter():
    real, fake = normal(200, 3, 0), normal(200, 3, 1) + 0.5
    scaled = [np.concatenate([x * [1e-6, 1, 1e6], np.ones((200, 1))], axis=1) for x in (real, fake)]
    wanted = float(classifier_two_sample(real, fake).accuracy)
    assert classifier_two_sample(*scaled).accuracy == pytest.approx(wanted, abs=0.03)


def test_the_larger_side_does_not_win_by_number():
    real, fake = normal(900, 3, 0), normal(200, 3, 1)
    assert abs(classifier_two_sample(real, fake).z) < 2.5
    assert nearest_neighbour_two_sample(real, fake).accuracy == pytest.approx(0.5, abs=0.08)


def test_neighbours_tell_copies_from_distance():
    real = normal(300, 6, 0)
    equal = nearest_neighbour_two_sample(real, normal(300, 6, 1))
    assert equal.accuracy.low < 0.5 < equal.accuracy.high
    apart = nearest_neighbour_two_sample(real, normal(300, 6, 1) + 50)
    assert apart == (1, 1, 1)
    near_copies = nearest_neighbour_two_sample(real, real + 1e-3)
    assert near_copies == (0, 0, 0)
    narrow = nearest_neighbour_two_sample(normal(300, 64, 0), 0.85 * normal(300, 64, 1))
    assert narrow.fake > 0.9
    assert narrow.real < 0.2


def test_at_ties_the_share_of_the_own_side_counts():
    x = np.array([[0.0], [0], [9], [9]])
    assert nearest_neighbour_two_sample(x, x) == pytest.approx((1 / 3, 1 / 3, 1 / 3)), "one of its own, two copies"
    real, fake = np.array([[0.0], [1]]), np.array([[2.0], [9]])
    assert nearest_neighbour_two_sample(real, fake) == (0.625, 0.75, 0.5), "1 lies between 0 and 2, and 2 next to 1"


def test_categories_in_other_shares_are_told_apart_and_in_the_same_not():
    rng = np.random.default_rng(0)
    draw = lambda *p: np.eye(3)[rng.choice(3, 500, p=p)]
    equal = nearest_neighbour_two_sample(draw(0.5, 0.3, 0.2), draw(0.5, 0.3, 0.2))
    assert equal.accuracy == pytest.approx(0.5, abs=0.01)
    other = nearest_neighbour_two_sample(draw(0.5, 0.3, 0.2), draw(0.1, 0.1, 0.8))
    shares = [(0.5, 0.1), (0.3, 0.1), (0.2, 0.8)]
    assert other.accuracy == pytest.approx(sum((p * p + q * q) / (p + q) for p, q in shares) / 2, abs=0.03)
