import numpy as np
import pytest
from scipy.linalg import sqrtm

from saddlepoint.errors import BadData
from saddlepoint.metric import FewSamples
from saddlepoint.metrics import frechet as module
from saddlepoint.metrics.frechet import frechet, frechet_of


def normal(n, features, seed=0, scale=1.0, shift=0.0):
    return scale * np.random.default_rng(seed).normal(size=(n, features)) + shift


def by_root(real, fake):
    one, two = np.cov(real.T), np.cov(fake.T)
    return ((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(one + two - 2 * sqrtm(one @ two).real)


def by_singular_values(real, fake):
    """|A B^T| in the nuclear norm is Tr (S1 S2)^(1/2), and A and B are the centred samples."""
    a, b = ((x - x.mean(0)) / np.sqrt(len(x) - 1) for x in (real, fake))
    apart = ((real.mean(0) - fake.mean(0)) ** 2).sum()
    return apart + (a**2).sum() + (b**2).sum() - 2 * np.linalg.svd(a @ b.T, compute_uv=False).sum()


def test_two_gaussians_are_at_ten():
    one, two = (np.array([0.0, 0.0]), np.diag([1.0, 4.0])), (np.array([1.0, 2.0]), np.diag([9.0, 1.0]))
    assert frechet_of(*one, *two) == pytest.approx(10, abs=1e-9)
    assert frechet_of(*two, *one) == pytest.approx(10, abs=1e-9)
    assert frechet_of(*one, *one) == pytest.approx(0, abs=1e-9)
    line = np.ones((2, 2))
    assert frechet_of(one[0], line, one[0], np.zeros((2, 2))) == pytest.approx(2), "a singular covariance"


@pytest.mark.parametrize(
    ("mean", "covariance", "words"),
    [
        ([0.0, 0], [[1.0, 0], [1, 1]], "symmetric"),
        ([0.0, 0], [[1.0, 2], [2, 1]], "negative eigenvalues"),
        ([0.0, 0], [[np.nan, 0], [0, 1]], "symmetric"),
        ([0.0, 0, 0], np.eye(2), r"\(3,\) and \(2, 2\)"),
        ([0.0], [[1.0]], "1 and 2 dimensions"),
    ],
)
def test_what_is_no_gaussian_is_refused(mean, covariance, words):
    with pytest.raises(BadData, match=words):
        frechet_of(np.array(mean), np.array(covariance), np.zeros(2), np.eye(2))


def test_it_is_the_formula_and_symmetric():
    real, fake = normal(400, 12), normal(300, 12, 1, 1.3, 0.4) @ normal(12, 12, 2)
    assert frechet(real, fake) == pytest.approx(by_root(real, fake), rel=1e-10)
    assert frechet(fake, real) == pytest.approx(frechet(real, fake), rel=1e-10)
    assert frechet(real, real) == pytest.approx(0, abs=1e-9)
    single = frechet(real.astype(np.float32), fake.astype(np.float32))
    assert single == pytest.approx(by_root(real.astype(np.float32), fake.astype(np.float32)), rel=1e-6)
    assert frechet(real + 1e4, fake + 1e4) == pytest.approx(frechet(real, fake), rel=1e-8)


def test_samples_are_taken_in_parts(monkeypatch):
    real, fake = normal(500, 8), normal(400, 8, 1, 1.2)
    whole = frechet(real, fake)
    monkeypatch.setattr(module, "_AT_ONCE", 37 * 8)
    assert frechet(real, fake) == pytest.approx(whole, rel=1e-12)


def test_dead_and_doubled_features_are_taken():
    real, fake = (
        np.concatenate([x, x[:, :3], np.zeros((len(x), 2))], axis=1) for x in (normal(90, 6), normal(80, 6, 1))
    )
    assert frechet(real, fake) == pytest.approx(by_singular_values(real, fake), rel=1e-6)
    assert frechet(np.ones((50, 3)), np.zeros((50, 3))) == pytest.approx(3)


@pytest.mark.parametrize(("n", "m"), [(10, 15), (15, 10), (10, 200), (200, 10), (30, 31), (2, 2)])
def test_few_samples_are_exact_and_warned_of(n, m):
    real, fake = normal(n, 30), normal(m, 30, 1, 1.2, 0.1)
    with pytest.warns(FewSamples, match=r"no more samples \(\d+\) than features \(30\)"):
        found = frechet(real, fake)
    assert found == pytest.approx(by_singular_values(real, fake), rel=1e-7)


@pytest.mark.parametrize(("n", "scale"), [(600, 1.0), (600, 1.3)])
def test_its_error_is_that_of_drawing_fakes_again(n, scale):
    real = normal(2000, 16)
    found = [frechet(real, normal(n, 16, seed, scale, 0.1)) for seed in range(1, 121)]
    error = np.mean([(one.high - one.low) / 3.92 for one in found])
    assert error == pytest.approx(np.std(found), rel=0.25)


@pytest.mark.filterwarnings("ignore::saddlepoint.metric.FewSamples")
@pytest.mark.parametrize(("n", "m"), [(500, 20), (20, 500), (20, 30), (30, 20), (300, 80)])
def test_its_error_is_not_too_small_with_few_samples(n, m):
    real = normal(n, 32)
    found = [frechet(real, normal(m, 32, seed, 1.3)) for seed in range(1, 121)]
    error = np.mean([(one.high - one.low) / 3.92 for one in found])
    assert 0.8 < error / np.std(found) < 1.6
