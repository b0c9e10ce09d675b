"""Maximum likelihood is minimum KL: in sums, in closed form, and by descent."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from saddlepoint.errors import BadOption
from saddlepoint.theory import (
    Gaussian,
    bits_per_dimension,
    descended_likelihood,
    entropy,
    excess_nll,
    gaussian_entropy,
    gaussian_kl,
    gaussian_log_density,
    gaussian_nll,
    kl,
    maximum_likelihood,
    nll,
)


@pytest.mark.parametrize("seed", range(5))
def test_the_excess_over_the_entropy_is_kl(seed):
    p, model = np.random.default_rng(seed).dirichlet(np.ones(8), 2)
    assert excess_nll(p, model) == pytest.approx(kl(p, model), abs=1e-12)
    assert excess_nll(p, p) == 0
    assert nll(p, model) > nll(p, p) == entropy(p)


def test_a_model_that_rules_out_what_happens_is_infinitely_bad():
    assert excess_nll([0.5, 0.5], [1.0, 0.0]) == math.inf


@pytest.mark.parametrize("model", [Gaussian(0.0, 1.0), Gaussian(1.5, 0.7), Gaussian(-2.0, 3.0)])
def test_the_excess_of_gaussians_is_kl_and_all_three_are_integrals(model):
    p = Gaussian(0.5, 1.2)
    excess = gaussian_nll(p, model) - gaussian_entropy(p)
    assert excess == pytest.approx(gaussian_kl(p.mean, p.std**2, model.mean, model.std**2), abs=1e-12)
    x, width = np.linspace(-15, 16, 200_001, retstep=True)
    density = np.exp(gaussian_log_density(x, p))
    assert (density * width).sum() == pytest.approx(1, abs=1e-9)
    assert -(density * gaussian_log_density(x, model) * width).sum() == pytest.approx(gaussian_nll(p, model), abs=1e-9)


def test_the_exponent_has_its_two():
    x = np.linspace(-3, 5, 9)
    assert gaussian_log_density(x, Gaussian(1, 2)) == pytest.approx(norm.logpdf(x, 1, 2), abs=1e-12)


def test_kl_of_gaussians_with_independent_dimensions():
    assert gaussian_kl([1.0, -0.5], [1.0, 0.25]) == pytest.approx(0.943147, abs=1e-6)
    assert gaussian_kl([1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [3.0, 4.0]) == 0


def test_descent_finds_the_closed_form():
    samples = np.random.default_rng(0).normal(3, 0.5, 400)
    best, found = maximum_likelihood(samples), descended_likelihood(samples)
    assert found == pytest.approx(best, abs=1e-4)
    mean_nll = lambda of: -gaussian_log_density(samples, of).mean()
    for other in (Gaussian(best.mean + 0.02, best.std), Gaussian(best.mean, best.std * 1.02)):
        assert mean_nll(other) > mean_nll(best)


def test_bits_per_dimension():
    assert bits_per_dimension(math.log(2) * 10, 10) == pytest.approx(1)
    assert bits_per_dimension(-10 * math.log(256), 10, levels=256) == pytest.approx(0), "sure of every 8-bit value"
    with pytest.raises(BadOption, match="wanted at least one dimension and level, got 0 and 1"):
        bits_per_dimension(1.0, 0)
