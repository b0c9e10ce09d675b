"""Optimal transport: plans and prices cost the same, and a trained critic comes close to both."""

import math

import numpy as np
import pytest

from saddlepoint import objectives
from saddlepoint.errors import BadOption
from saddlepoint.theory import critic_estimate, distances, dual, primal, scores, w1, w1_of_samples


def masses(seed: int, size: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(size), 2)


@pytest.mark.parametrize(("seed", "dimensions"), [(0, 1), (1, 1), (2, 2), (3, 5)])
def test_primal_and_dual_agree(seed, dimensions):
    p, q = masses(seed)
    cost = distances(np.random.default_rng(seed).normal(size=(12, dimensions)))
    plan, prices = primal(p, q, cost), dual(p, q, cost)
    assert plan.cost == pytest.approx(prices.value, abs=1e-9)
    assert plan.moved.sum(1) == pytest.approx(p, abs=1e-9)
    assert plan.moved.sum(0) == pytest.approx(q, abs=1e-9)
    assert (plan.moved * cost).sum() == pytest.approx(plan.cost, abs=1e-9)
    rise = prices.f[:, None] - prices.f[None]
    assert (rise <= cost + 1e-9).all(), "1-Lipschitz"
    assert rise[plan.moved > 1e-9] == pytest.approx(cost[plan.moved > 1e-9], abs=1e-7), "and tight where mass moves"


def test_on_a_line_the_linear_program_is_the_sorted_difference():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=15), rng.normal(size=15) + 1
    both = np.concatenate([real, fake])
    p, q = np.repeat([1 / 15, 0], 15), np.repeat([0, 1 / 15], 15)
    exact = w1_of_samples(real, fake)
    assert exact == pytest.approx(np.abs(np.sort(real) - np.sort(fake)).mean(), abs=1e-12)
    assert primal(p, q, distances(both)).cost == pytest.approx(exact, abs=1e-9)
    assert w1(both, p, q) == pytest.approx(exact, abs=1e-9)


def test_unequally_many_samples():
    assert w1_of_samples([0.0, 0.0, 3.0], [0.0]) == pytest.approx(1)
    assert w1_of_samples([0.0, 1.0], [2.0, 3.0, 2.0, 3.0]) == pytest.approx(2)


@pytest.mark.parametrize("shift", [0.5, 2.0])
def test_shifted_samples_are_as_far_apart_as_they_were_shifted(shift):
    x = np.random.default_rng(0).normal(size=200)
    assert w1_of_samples(x, x + shift) == pytest.approx(shift, abs=1e-12)
    y = np.random.default_rng(1).normal(size=20_000)
    x = np.random.default_rng(2).normal(size=20_000)
    assert w1_of_samples(x, y + shift) == pytest.approx(shift, abs=0.03)


def test_without_the_constraint_the_supremum_is_infinite():
    p, q = masses(0)
    cost = distances(np.arange(12.0))
    free = dual(p, q, cost, lipschitz=None)
    assert free.value == math.inf
    assert np.isnan(free.f).all()
    assert dual(p, p, cost, lipschitz=None).value == pytest.approx(0, abs=1e-12)
    one, five = dual(p, q, cost).value, dual(p, q, cost, lipschitz=5).value
    assert five == pytest.approx(5 * one, abs=1e-9), "the value grows with the slope that is allowed"


def test_masses_and_costs_that_do_not_fit_are_refused():
    with pytest.raises(BadOption, match=r"wanted masses \(N,\), \(N,\) and costs \(N, N\), got \(2,\), \(2,\)"):
        primal([0.5, 0.5], [0.5, 0.5], np.zeros((3, 3)))


def test_a_critics_estimate_beside_the_exact_distance():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=500), rng.normal(size=500) + 2
    exact, found = w1_of_samples(real, fake), critic_estimate(real, fake, steps=800)
    assert found.difference == pytest.approx(exact, rel=0.05)
    assert exact * 0.9 < found.bound <= exact + 1e-3
    gap = scores(found.critic, real).mean() - scores(found.critic, fake).mean()
    assert found.difference == pytest.approx(gap, abs=1e-9)


def test_a_clipped_critic_knows_the_distance_only_up_to_its_slope():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=500), rng.normal(size=500) + 2
    clipped = objectives.build("wgan", clip=0.1)
    near = critic_estimate(real, fake, objective=clipped, steps=400)
    assert near.difference > 1.5 * w1_of_samples(real, fake)
    assert near.bound <= w1_of_samples(real, fake)
