"""Slopes of generator losses, and which divergence a generator descends while the discriminator is at its best."""

import numpy as np
import pytest
from scipy.special import expit

from saddlepoint import objectives
from saddlepoint.theory import divergence_gradient, frozen_gradient, generator_slope, js, kl

F = np.linspace(-30, 30, 61)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("minimax", -expit(F)),
        ("non_saturating", -expit(-F)),
        ("dragan", -expit(-F)),
        ("r3gan", -expit(-F)),
        ("hinge", -np.ones(61)),
        ("wgan", -np.ones(61)),
        ("wgan_gp", -np.ones(61)),
        ("least_squares", F - 1),
    ],
)
def test_slopes(name, expected):
    # Torch's softplus is linear beyond 20, where its slope is 1 to 2e-9.
    assert generator_slope(objectives.build(name), F) == pytest.approx(expected, abs=3e-9)


def test_a_sure_discriminator_stops_the_saturating_generator_alone():
    saturating, not_saturating = (generator_slope(objectives.build(n), [-20.0]) for n in ("minimax", "non_saturating"))
    assert abs(saturating[0]) < 1e-8
    assert not_saturating[0] == pytest.approx(-1, abs=1e-8)


def test_a_pairing_compares_with_the_real_score():
    slope = generator_slope(objectives.build("r3gan"), [0.0, 3.0], on_real=3.0)
    assert slope == pytest.approx([-expit(3.0), -0.5])


@pytest.mark.parametrize("seed", range(5))
def test_at_the_optimum_the_two_generators_descend_different_divergences(seed):
    rng = np.random.default_rng(seed)
    p, logits = rng.dirichlet(np.ones(6)), rng.normal(size=6)
    saturating, not_saturating = (
        frozen_gradient(objectives.build(name), p, logits) for name in ("minimax", "non_saturating")
    )
    assert saturating == pytest.approx(2 * divergence_gradient("js", p, logits), abs=1e-12)
    assert not_saturating == pytest.approx(divergence_gradient("reverse_kl - 2 js", p, logits), abs=1e-12)
    assert np.abs(not_saturating - 2 * divergence_gradient("js", p, logits)).max() > 0.01


@pytest.mark.parametrize("name", ["kl", "reverse_kl", "js", "reverse_kl - 2 js"])
def test_gradients_of_divergences_by_finite_differences(name):
    rng = np.random.default_rng(0)
    p, logits = rng.dirichlet(np.ones(5)), rng.normal(size=5)
    measure = {
        "kl": kl,
        "reverse_kl": lambda p, q: kl(q, p),
        "js": js,
        "reverse_kl - 2 js": lambda p, q: kl(q, p) - 2 * js(p, q),
    }[name]

    def at(ell):
        q = np.exp(ell) / np.exp(ell).sum()
        return measure(p, q / q.sum())

    by_hand = [(at(logits + 1e-5 * e) - at(logits - 1e-5 * e)) / 2e-5 for e in np.eye(5)]
    assert divergence_gradient(name, p, logits) == pytest.approx(by_hand, abs=1e-8)


def test_the_gradient_of_maximum_likelihood_is_q_minus_p():
    rng = np.random.default_rng(1)
    p, logits = rng.dirichlet(np.ones(5)), rng.normal(size=5)
    q = np.exp(logits) / np.exp(logits).sum()
    assert divergence_gradient("kl", p, logits) == pytest.approx(q - p, abs=1e-12)
