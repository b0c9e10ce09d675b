"""Columns and pairs of columns."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from saddlepoint.errors import BadData, Unfit
from saddlepoint.metrics.columns import columns, each_column
from saddlepoint.metrics.pairs import each_pair, pairs

KINDS = (False, False, True, True)


def table(n, seed, related=0.8, share=0.3):
    """Two numbers that belong together, a category, and one that is often the same."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    b = related * a + np.sqrt(1 - related**2) * rng.normal(size=n)
    c = (rng.random(n) < share).astype(float)
    d = np.where(rng.random(n) < related, c, rng.integers(3, size=n))
    return np.stack([1000 + 50 * a, b, c, d], axis=1)


def test_columns_are_judged_by_kind():
    real, fake = table(700, 0), table(500, 1, share=0.5)
    fake[:, 0] += 20
    found = each_column(real, fake, KINDS)
    assert found[0] == pytest.approx(ks_2samp(real[:, 0], fake[:, 0]).statistic)
    assert found[1] == pytest.approx(ks_2samp(real[:, 1], fake[:, 1]).statistic)
    assert found[2] == pytest.approx(abs(real[:, 2].mean() - fake[:, 2].mean()))
    shares = [[(x[:, 3] == value).mean() for value in range(3)] for x in (real, fake)]
    assert found[3] == pytest.approx(np.abs(np.subtract(*shares)).sum() / 2)
    both = columns(real, fake, KINDS)
    assert both == pytest.approx((found.mean(), found.max()))
    assert columns(fake, real, KINDS) == pytest.approx(both), "a distance"
    assert columns(real, fake[::-1], KINDS) == pytest.approx(both)


def test_the_ends_of_the_scale():
    real = table(300, 0)
    assert columns(real, real, KINDS) == (0, 0)
    assert pairs(real, real, KINDS) == pytest.approx((0, 0), abs=1e-12)
    assert columns(real, real + 1e5, KINDS) == pytest.approx((1, 1))
    assert each_pair(real[:, 2:], real[:, 2:] + 9, KINDS[2:])[0, 1] == pytest.approx(1)
    line = np.stack([np.arange(9.0), np.arange(9.0)], axis=1)
    assert pairs(line, line * [1, -1]).worst == pytest.approx(1)


def test_pairs_are_judged_by_kind():
    real, fake = table(700, 0), table(500, 1, related=0.1)
    found = each_pair(real, fake, KINDS)
    assert np.array_equal(found, found.T)
    correlations = [np.corrcoef(x[:, 0], x[:, 1])[0, 1] for x in (real, fake)]
    assert found[0, 1] == pytest.approx(abs(np.subtract(*correlations)) / 2)
    joint = [[np.mean((x[:, 2] == i) & (x[:, 3] == j)) for i in range(2) for j in range(3)] for x in (real, fake)]
    assert found[2, 3] == pytest.approx(np.abs(np.subtract(*joint)).sum() / 2)
    edges = np.quantile(real[:, 0], np.arange(1, 10) / 10)
    tenths = [np.digitize(x[:, 0], edges) for x in (real, fake)]
    joint = [
        [np.mean((bins == i) & (x[:, 3] == j)) for i in range(10) for j in range(3)]
        for bins, x in zip(tenths, (real, fake), strict=True)
    ]
    assert found[0, 3] == pytest.approx(np.abs(np.subtract(*joint)).sum() / 2)
    upper = found[np.triu_indices(4, 1)]
    assert pairs(real, fake, KINDS) == pytest.approx((upper.mean(), upper.max()))


def test_what_columns_do_not_see_pairs_do():
    real, broken = table(2000, 0), table(2000, 1)
    broken[:, 1] = np.random.default_rng(2).permutation(broken[:, 1])
    floor, found = (one(real, table(2000, 1), KINDS) for one in (columns, pairs))
    assert columns(real, broken, KINDS).mean == pytest.approx(float(floor.mean), abs=0.01)
    assert pairs(real, broken, KINDS).worst > 5 * found.worst


def test_a_constant_column_has_no_correlation():
    real = table(200, 0)[:, :2]
    real[:, 1] = 0.1
    assert pairs(real, real) == (0, 0)


@pytest.mark.parametrize("metric", [columns, pairs])
def test_the_error_is_that_of_drawing_rows_again(metric):
    real = table(1000, 0, related=0.5)
    found = [metric(real, table(400, seed, share=0.45), KINDS).mean for seed in range(1, 61)]
    assert 0.75 < np.mean([(one.high - one.low) / 3.92 for one in found]) / np.std(found) < 1.6


def test_what_is_no_such_table_is_refused():
    real = table(20, 0)
    with pytest.raises(BadData, match=r"for each of 4 columns as categories, got bool of shape \(2,\)"):
        columns(real, real, [True, False])
    with pytest.raises(BadData, match=r"as categories, got int64 of shape \(1,\)"):
        columns(real, real, [3])
    with pytest.raises(Unfit, match="at least 2 columns, got 1"):
        pairs(real[:, :1], real[:, :1])
    with pytest.raises(BadData, match="4 in real_samples, 3 in fake_samples"):
        pairs(real, real[:, :3])
    with pytest.raises(BadData, match="wants numbers, got real_samples of type <U1"):
        columns(np.array([["a"], ["b"]]), real[:, :1])
