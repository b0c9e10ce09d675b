"""The optimal discriminator in closed form, and the one that training finds."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm

from saddlepoint import Duel, objectives
from saddlepoint.errors import BadOption
from saddlepoint.theory import (
    bayes_error,
    best_response,
    gaussian,
    gaussian_logit,
    half_loss_at_optimum,
    inverted,
    js,
    optimal,
    optimal_logit,
    scores,
    value,
    value_at_optimum,
)

P, Q = np.array([0.5, 0.5, 0, 0]), np.array([0, 0.5, 0.25, 0.25])


def test_worked_numbers():
    assert optimal(P, Q).tolist() == [1, 0.5, 0, 0]
    assert half_loss_at_optimum(P, Q) == pytest.approx(0.346574, abs=1e-6)
    assert value_at_optimum(P, Q) == pytest.approx(-0.693147, abs=1e-6)
    assert half_loss_at_optimum(P, P) == pytest.approx(math.log(2))
    assert value_at_optimum(P, P) == pytest.approx(-math.log(4))


@pytest.mark.parametrize("seed", range(5))
def test_no_other_discriminator_has_a_higher_value(seed):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(6), 2)
    best = optimal(p, q)
    assert value(best, p, q) == pytest.approx(2 * js(p, q) - math.log(4), abs=1e-12)
    assert half_loss_at_optimum(p, q) == pytest.approx(-value(best, p, q) / 2, abs=1e-12)
    for _ in range(100):
        other = np.clip(best + 0.05 * rng.normal(size=6), 1e-6, 1 - 1e-6)
        assert value(other, p, q) < value(best, p, q)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_probability_and_logit_agree_and_the_share_of_real_samples_shifts_the_logit(share):
    p, q = np.random.default_rng(0).dirichlet(np.ones(6), 2)
    logit = optimal_logit(p, q, share)
    assert 1 / (1 + np.exp(-logit)) == pytest.approx(optimal(p, q, share), abs=1e-12)
    assert logit - optimal_logit(p, q) == pytest.approx(math.log(share / (1 - share)), abs=1e-12)


def test_where_one_side_has_no_mass_the_discriminator_is_sure():
    assert optimal_logit([0.5, 0.5, 0], [0, 0.5, 0.5]).tolist() == [math.inf, 0, -math.inf]
    assert np.isnan(optimal([0, 1], [0, 1])[0])
    assert np.isnan(optimal_logit([0, 1], [0, 1])[0])


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, math.nan])
def test_a_share_that_shows_only_one_side_is_refused(share):
    with pytest.raises(BadOption, match="real_share: wanted a share between 0 and 1, got"):
        optimal(P, Q, share)


def test_logits_of_gaussians():
    x = np.linspace(-3, 5, 50)
    assert gaussian_logit(x, 1.5) == pytest.approx(-1.5 * x + 1.5**2 / 2, abs=1e-12)
    for share in (0.5, 0.2):
        from_densities = optimal_logit(norm.pdf(x), norm.pdf(x, 0.5, 2), share)
        assert gaussian_logit(x, 0.5, 2, real_share=share) == pytest.approx(from_densities, abs=1e-9)
    assert np.isfinite(gaussian_logit(100.0, 1.0)), "where both densities are 0 in floats"


def test_bayes_error_of_two_gaussians():
    edges = np.concatenate([[-np.inf], np.linspace(-8, 8, 2001), [np.inf]])
    p, q = (np.diff(norm.cdf(edges, mean)) for mean in (1, -1))
    assert bayes_error(p, q) == pytest.approx(0.158655, abs=1e-6)
    assert bayes_error(P, P) == pytest.approx(0.5)
    assert bayes_error(P, P, 0.1) == pytest.approx(0.1)


def test_js_of_gaussians_by_quadrature():
    """log 2 - E log(1 + e^-logit) over the real side, twice by symmetry, is what cells of the line give."""
    edges = np.linspace(-12, 14, 20_001)
    p, q = (np.diff(norm.cdf(edges, mean)) for mean in (0, 2))
    x = (edges[1:] + edges[:-1]) / 2
    expected = math.log(2) - (p * np.log1p(np.exp(-gaussian_logit(x, 2.0)))).sum()
    assert js(p / p.sum(), q / q.sum()) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["minimax", "non_saturating", "least_squares", "hinge", "wgan_gp", "r3gan"])
def test_inverted_labels_are_the_same_game_with_the_scores_negated(name):
    real, fake = torch.randn(2, 5, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    plain = objectives.build(name)
    for side in ("discriminator", "generator"):
        totals = []
        for objective, sign in ((plain, 1), (inverted(plain), -1)):
            torch.manual_seed(0)
            duel = Duel(lambda x, y, sign=sign: sign * (x**3)[:, 0], real, fake)
            totals.append(sum(term(duel).item() for term in getattr(objective, side).values()))
        assert totals[0] == pytest.approx(totals[1], abs=1e-12)


def test_inverted_minimax_is_written_as_its_formula():
    r, f = (torch.tensor([[s]], dtype=torch.float64) for s in (0.7, -1.2))
    duel = Duel(lambda x, y: x[:, 0], r, f)
    sp = lambda t: math.log1p(math.exp(t))
    game = inverted(objectives.build("minimax"))
    assert sum(t(duel).item() for t in game.discriminator.values()) == pytest.approx(sp(0.7) + sp(1.2))
    assert sum(t(duel).item() for t in game.generator.values()) == pytest.approx(-sp(1.2))


@pytest.mark.parametrize(("mean", "std", "tolerance"), [(1.0, 1.0, 0.1), (0.0, 2.0, 0.2)])
def test_training_finds_the_optimum(mean, std, tolerance):
    """Mean error of the logit over the real samples; scores run from about -1.5 to 2.5, and from -1 to 0.7."""
    found = best_response(objectives.build("non_saturating"), gaussian(), gaussian(mean, std), steps=600)
    x = np.random.default_rng(0).normal(size=5000)
    assert np.abs(scores(found, x) - gaussian_logit(x, mean, std)).mean() < tolerance / 2
    assert np.abs(scores(found, [0.0, mean]) - gaussian_logit([0.0, mean], mean, std)).max() < tolerance


def test_training_with_inverted_labels_finds_the_negated_optimum():
    found = best_response(inverted(objectives.build("minimax")), gaussian(), gaussian(1.0), steps=600)
    x = np.linspace(-2, 3, 11)
    assert np.abs(scores(found, x) + gaussian_logit(x, 1.0)).max() < 0.2


def test_best_response_depends_on_its_seed_alone_and_leaves_the_random_state():
    play = lambda seed: scores(
        best_response(objectives.build("hinge"), gaussian(), gaussian(2.0), steps=3, seed=seed), [0.0, 1.0]
    )
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = play(0)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(3)
    assert np.array_equal(first, play(0))
    assert not np.array_equal(first, play(1))
