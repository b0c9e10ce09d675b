import numpy as np
import pytest

from saddlepoint.errors import BadOption, Unfit
from saddlepoint.metrics import kernel as module
from saddlepoint.metrics.kernel import kernel, kernel_by_subsets


def by_definition(real, fake):
    def k(x, y):
        return (np.dot(x, y) / len(x) + 1) ** 3

    n, m = len(real), len(fake)
    among_real = sum(k(real[i], real[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    among_fake = sum(k(fake[i], fake[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return among_real + among_fake - 2 * np.mean([[k(x, y) for x in real] for y in fake])


def test_the_anchor():
    real, fake = np.array([[1.0, 0], [0, 1], [1, 1]]), np.array([[0.0, 0], [2, 0], [1, -1]])
    assert kernel(real, fake) == pytest.approx(0.4722222, abs=1e-7)
    assert kernel(fake, real) == pytest.approx(0.4722222, abs=1e-7)


def test_blocks_do_not_matter(monkeypatch):
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(23, 5)), rng.normal(size=(31, 5)) + 0.5
    whole = kernel(real, fake)
    assert whole == pytest.approx(by_definition(real, fake), rel=1e-12)
    monkeypatch.setattr(module, "_BLOCK", 100)
    assert kernel(real, fake) == pytest.approx(whole, rel=1e-12)


def test_equal_distributions_are_at_zero_on_both_sides_of_it():
    rng = np.random.default_rng(0)
    found = [kernel(rng.normal(size=(100, 8)), rng.normal(size=(100, 8))) for _ in range(40)]
    assert min(found) < 0 < max(found)
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(40)
    assert np.mean([one.low < 0 < one.high for one in found]) > 0.85


def test_subsets_tell_about_what_all_do():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(300, 8)), 1.2 * rng.normal(size=(400, 8))
    all_pairs, subsets = kernel(real, fake), kernel_by_subsets(real, fake, subsets=50, size=100)
    assert subsets == pytest.approx(all_pairs, rel=0.15)
    assert subsets.high - subsets.low > all_pairs.high - all_pairs.low, "the deviation of smaller sets"
    assert kernel_by_subsets(real, fake, size=100) == kernel_by_subsets(real, fake, size=100)
    assert kernel_by_subsets(real, fake, size=100, seed=1) != kernel_by_subsets(real, fake, size=100)
    with pytest.raises(Unfit, match="at least 1000 samples on each side, got 300 real"):
        kernel_by_subsets(real, fake)
    with pytest.raises(BadOption, match="subsets: wanted at least 2"):
        kernel_by_subsets(real, fake, subsets=1)
