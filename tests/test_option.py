"""What an option takes, as text or typed, and what it says it wants."""

from typing import Annotated

import pytest

from saddlepoint import regularizers
from saddlepoint.catalogue import options_of
from saddlepoint.errors import BadOption
from saddlepoint.option import Option
from saddlepoint.ranges import Amount, Count, Range
from saddlepoint.schedule import reach

WHOLE = Option("n", "Annotated[int, Range(1, 1_000_000)]", 1)
SHARE = Option("s", "Annotated[float, Range(0, 1, below=True)] | None", None)
WEIGHT = Option("w", "Weight", 1.0)


@pytest.mark.parametrize(
    ("option", "value", "taken"),
    [
        (WHOLE, "7", 7),
        (WHOLE, "1e6", 1_000_000),
        (WHOLE, 3.0, 3),
        (SHARE, "0", 0.0),
        (SHARE, None, None),
        (WEIGHT, "2", 2.0),
        (WEIGHT, "1 to 0.1 over 5000 every 8", "1 to 0.1 over 5000 every 8"),
        (Option("x", "int", 0), 10**18 + 1, 10**18 + 1),
        (Option("x", "int", 0), str(10**30), 10**30),
        (Option("x", "bool", False), "True", True),
        (Option("x", "Literal['a', 'b'] | int", "a"), "3", 3),
    ],
)
def test_what_is_meant_is_taken(option, value, taken):
    assert option.take(value, "x") == taken
    assert type(option.take(value, "x")) is type(taken)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        (WHOLE, "0", "a.n: wanted a whole number from 1 to 1,000,000, got '0'"),
        (WHOLE, 1.5, "a.n: wanted a whole number from 1 to 1,000,000, got 1.5"),
        (WHOLE, True, "got True"),
        (WHOLE, [1], r"got \[1\]"),
        (WHOLE, 10**400, "got 1000"),
        (SHARE, 1, "a.n: wanted a number from 0 to below 1, got 1"),
        (Option("x", "float", 0.0), "inf", "a.n: wanted a finite number, got 'inf'"),
        (Option("x", "float", 0.0), "nan", "got 'nan'"),
        (WEIGHT, -1, "a.n: wanted a number from 0 to 1,000,000, or a schedule such as '1 to 0.1 over 5000'"),
        (WEIGHT, "1 to -0.1 over 5", "got '1 to -0.1 over 5'"),
        (WEIGHT, f"1 every {10**18}", "got '1 every 1000"),
        (WEIGHT, "1 to inf over 5", "got '1 to inf over 5'"),
        (Option("x", "str", ""), ["a"], r"wanted a text, got \['a'\]"),
        (WHOLE, "a" * 1000, r"got 'a{50,60}\.\.\.'$"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_is_wanted(option, value, words):
    with pytest.raises(BadOption, match=words):
        option.take(value, "a.n")


def test_a_function_of_the_step_is_a_weight_and_stays_one():
    def ramp(step):
        return step / 10

    assert WEIGHT.take(ramp, "w") is ramp
    assert callable(regularizers.build("r1", weight=ramp))


def test_a_lazy_weight_reaches_its_interval_times_as_far():
    assert reach("0.5") == (0.5, 0.5)
    assert reach("2 to 0.5 over 100 cosine every 4") == (8.0, 2.0)


def test_ranges_are_read_from_annotations_as_texts_and_evaluated():
    """A thing named by import path may have been written with or without postponed annotations."""
    told = {
        "text": ("Count | None", None),
        "same": (Count | None, None),
        "own": (Annotated[int, Range(3, 5)], 4),
        "plain": (float, 1.0),
        "unknown": ("Elsewhere", 0),
    }
    options = options_of(told, {"Count": Count, "Amount": Amount})
    assert options["text"].wanted == options["same"].wanted == "a whole number from 1 to 10,000"
    assert options["own"].take("5", "x") == 5
    with pytest.raises(BadOption, match="wanted a whole number from 3 to 5, got 6"):
        options["own"].take(6, "x")
    assert options["plain"].wanted == "a finite number"
    assert options["unknown"].wanted == "Elsewhere"
