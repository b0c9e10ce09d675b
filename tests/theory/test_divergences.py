"""Divergences of discrete distributions against numbers worked out by hand."""

import math

import numpy as np
import pytest

from saddlepoint.errors import BadOption
from saddlepoint.theory import cross_entropy, entropy, js, kl, of_two_points, total_variation, w1

P, Q = [0.5, 0.5, 0, 0], [0, 0.5, 0.25, 0.25]


def dirichlet(seed: int, size: int = 7, count: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(size), count)


def test_worked_numbers():
    assert js(P, Q) == pytest.approx(0.346574, abs=1e-6)
    assert total_variation(P, Q) == pytest.approx(0.5)
    assert entropy(P) == pytest.approx(math.log(2))
    assert entropy([0, 1, 0]) == 0
    assert kl(P, [0.25] * 4) == pytest.approx(math.log(2))
    assert kl(P, Q) == kl(Q, P) == cross_entropy(P, Q) == math.inf


def test_cross_entropy_of_a_sure_label():
    assert cross_entropy([0, 1, 0], [0.35, 0.4, 0.25]) == pytest.approx(0.916291, abs=1e-6)
    assert cross_entropy([0, 1, 0], [0.02, 0.98, 0]) == pytest.approx(0.020203, abs=1e-6), "0 log 0 = 0"


@pytest.mark.parametrize("seed", range(5))
def test_identities(seed):
    p, q = dirichlet(seed)
    assert cross_entropy(p, q) == pytest.approx(entropy(p) + kl(p, q), abs=1e-12)
    assert js(p, q) == pytest.approx(js(q, p), abs=1e-12)
    middle = (p + q) / 2
    assert js(p, q) == pytest.approx(entropy(middle) - (entropy(p) + entropy(q)) / 2, abs=1e-12)
    assert 2 * total_variation(p, q) ** 2 <= kl(p, q), "Pinsker"
    assert kl(p, p) == js(p, p) == total_variation(p, p) == 0


def test_the_root_of_js_is_a_metric_and_js_is_none():
    for seed in range(200):
        p, q, r = dirichlet(seed, 3, 3)
        assert math.sqrt(js(p, r)) <= math.sqrt(js(p, q)) + math.sqrt(js(q, r)) + 1e-12
    half = [0.5, 0.5]
    assert js([1, 0], [0, 1]) > js([1, 0], half) + js(half, [0, 1]) + 0.2


def test_only_w1_feels_how_far_apart_two_points_are():
    for distance in (-2.0, 1e-6, 0.3, 5.0):
        found = of_two_points(distance)
        assert found.kl == math.inf
        assert found.js == pytest.approx(math.log(2), abs=1e-12)
        assert found.total_variation == 1
        assert found.w1 == pytest.approx(abs(distance), abs=1e-12)
    assert of_two_points(0.0) == (0, 0, 0, 0)


def test_w1_on_a_line_is_the_area_between_distribution_functions():
    p, q = dirichlet(0)
    places = np.sort(np.random.default_rng(1).normal(size=7))
    area = (np.abs(np.cumsum(p - q))[:-1] * np.diff(places)).sum()
    assert w1(places, p, q) == pytest.approx(area, abs=1e-12)


@pytest.mark.parametrize("wrong", [[0.5, 0.6], [1.5, -0.5], [], [math.nan, 1.0]])
def test_what_is_no_distribution_is_refused(wrong):
    with pytest.raises(BadOption, match=r"wanted probabilities, at least 0 and with sum 1, got .*; divide counts"):
        entropy(wrong)


def test_distributions_over_other_outcomes_are_refused():
    with pytest.raises(BadOption, match=r"over the same outcomes, got shapes \(2,\) and \(3,\)"):
        kl([0.5, 0.5], [0.2, 0.3, 0.5])
