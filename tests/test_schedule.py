"""Weights that change over the steps, and seeds that depend on nothing but what they are for."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from saddlepoint.errors import BadOption
from saddlepoint.schedule import cosine, every, linear, schedule, times
from saddlepoint.seeds import seed_of

NUMBERS = some.floats(-1e6, 1e6)
STEPS = some.integers(0, 10**6)


@given(NUMBERS, NUMBERS, some.integers(1, 10**5), STEPS)
def test_ramps_go_from_start_to_end_and_stay(start, end, steps, step):
    for shape, words in ((linear, ""), (cosine, " cosine")):
        at = shape(start, end, steps)
        assert at(0) == pytest.approx(start, abs=1e-6)
        assert at(steps + step) == pytest.approx(end, abs=1e-6)
        assert min(start, end) - 1e-6 <= at(step) <= max(start, end) + 1e-6
        said = schedule(f"{start!r} to {end!r} over {steps}{words}")
        assert said(step) == pytest.approx(at(step), rel=1e-9, abs=1e-9)


@given(NUMBERS, STEPS)
def test_a_number_is_a_number(value, step):
    assert schedule(value)(step) == value
    assert schedule(repr(value))(step) == value


@given(some.integers(1, 50), some.floats(0.01, 100))
def test_lazy_weights_are_the_same_on_average(interval, weight):
    lazy = every(interval, weight)
    assert math.fsum(lazy(step) for step in range(4 * interval)) == pytest.approx(4 * interval * weight)
    assert schedule(f"{weight!r} every {interval}")(0) == pytest.approx(interval * weight)


@pytest.mark.parametrize("text", ["", "big", "1 to 2", "1 over 5", "1 to 2 over 0", "1 every 0", "every 3", "1 2"])
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(BadOption, match="wanted a number or 'A to B over STEPS"):
        schedule(text)


@given(some.lists(some.integers(-(2**70), 2**70) | some.text(), max_size=4))
def test_seeds_fit_torch_and_depend_on_every_part(parts):
    seed = seed_of(*parts)
    assert 0 <= seed < 2**63
    assert seed == seed_of(*parts)
    assert seed != seed_of(*parts, 1) != seed_of(*parts, 2)


def test_seeds_of_neighbouring_steps_share_nothing():
    seeds = {seed_of(seed, purpose, step) for seed in range(20) for purpose in ("step", "draw") for step in range(500)}
    assert len(seeds) == 20 * 2 * 500


@pytest.mark.parametrize("text", ["0.5", 3.0, "1 to 0.1 over 50", "2 to .5 over 20 cosine every 4", "1e-3 every 8"])
def test_a_weight_times_a_factor_is_that_at_every_step(text):
    one, twice = schedule(text), schedule(times(2, text))
    assert [twice(step) for step in range(60)] == pytest.approx([2 * one(step) for step in range(60)])
