import numpy as np
import pytest

from saddlepoint.metrics.code_agreement import code_agreement
from saddlepoint.metrics.code_purity import code_purity


def test_a_code_for_each_group_is_pure_whatever_it_is_called():
    groups = np.repeat(np.arange(8), 50)
    codes = (groups * 3 + 5) % 8
    assert code_purity(groups, codes) == 1
    assert code_agreement(groups, codes) == 1


def test_two_codes_in_one_group_are_pure_but_do_not_agree():
    groups = np.array([0, 0, 1, 1])
    codes = np.array([0, 1, 2, 2])
    assert code_purity(groups, codes) == 1
    assert code_agreement(groups, codes) == 0.75


def test_one_code_for_all_is_as_pure_as_the_commonest_group():
    groups = np.array([0] * 7 + [1] * 3)
    assert code_purity(groups, np.zeros(10, int)) == pytest.approx(0.7)
    assert code_agreement(groups, np.zeros(10, int)) == pytest.approx(0.7)


def test_codes_that_say_nothing_agree_by_chance():
    rng = np.random.default_rng(0)
    groups, codes = rng.integers(0, 8, (2, 80_000))
    assert code_agreement(groups, codes) == pytest.approx(1 / 8, abs=0.01)
