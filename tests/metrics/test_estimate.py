import pickle

import numpy as np
import pytest

from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import bootstrapped, mean_and_worst, standard_error, with_error


def test_an_unknown_error_leaves_no_interval():
    assert with_error(2.0, None).low is None
    known = with_error(2.0, 0.5)
    assert (known.low, known.high) == pytest.approx((1.02, 2.98), abs=0.001)
    assert standard_error(np.ones(1)) is None


def test_a_share_that_depends_on_others_is_told_less_exactly():
    flags = np.arange(100) < 30
    alone, shared = Estimate.share(flags), Estimate.share(flags, others=100)
    assert float(alone) == float(shared) == 0.3
    assert shared.high - shared.low == pytest.approx(np.sqrt(2) * (alone.high - alone.low), rel=0.03)
    far = Estimate.share(flags, others=10**9)
    assert (far.low, far.high) == pytest.approx((alone.low, alone.high), abs=1e-4)
    all_up = Estimate.share(np.ones(50, bool), others=50)
    assert all_up.low < all_up.high == 1


def test_the_bootstrap_knows_the_error_of_a_mean():
    x = np.random.default_rng(0).normal(size=400)
    found = bootstrapped(np.mean, x, rounds=500)
    assert found == x.mean()
    assert (found.high - found.low) / 3.92 == pytest.approx(x.std() / 20, rel=0.1)


def test_mean_and_worst_move_with_the_fakes():
    influences = np.random.default_rng(0).normal(size=(2, 500))
    mean, worst = mean_and_worst(zip([0.2, 0.6], influences, strict=True))
    assert (mean, worst) == pytest.approx((0.4, 0.6))
    assert worst.high - worst.low == pytest.approx(3.92 * standard_error(influences[1]), rel=1e-4)
    assert mean.high - mean.low == pytest.approx(3.92 * standard_error(influences.mean(axis=0)), rel=1e-4)


def test_an_error_that_takes_long_is_found_once_when_an_end_is_read():
    asked = []
    one = Estimate.give_or_ask(2.0, lambda: asked.append(1) or 0.5)
    assert one < 2.5
    assert asked == []
    assert (one.low, one.high) == pytest.approx((2 - 0.98, 2 + 0.98), abs=1e-4)
    assert asked == [1]
    away = pickle.loads(pickle.dumps(Estimate.give_or_ask(2.0, lambda: 0.5)))
    assert (away, away.low, away.high) == (one, one.low, one.high)
    assert Estimate.give_or_ask(2.0, lambda: None).low is None
