"""How numbers and dates are written: what comes back of what is written, and what is not taken."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlepoint.tabular.notation import DateNotation, NumberNotation, is_pattern, notation_from

NUMBERS = [
    NumberNotation(),
    NumberNotation(digits=2),
    NumberNotation(point=","),
    NumberNotation(point=",", thousands="."),
    NumberNotation(before="$", thousands=","),
    NumberNotation(after=" %"),
    NumberNotation(thousands="'", digits=1),
    NumberNotation(before="$", thousands=",", minus="(#)"),
    NumberNotation(before="USD ", minus="−#"),
    NumberNotation(after=" kg", minus="#-"),
    NumberNotation(width=3),
    NumberNotation(power="e"),
]


@settings(max_examples=60, deadline=None)
@given(st.integers(-(10**12), 10**12), st.integers(0, 3), st.sampled_from(NUMBERS))
def test_a_number_comes_back_from_its_text(whole, decimals, form):
    value = whole / 10**decimals
    assert form.value(form.cell(value)) == value
    assert form.values([form.cell(value)]) == {form.cell(value): value}
    assert notation_from(json.loads(json.dumps(asdict(form)))) == form


@pytest.mark.parametrize(
    ("form", "value", "cell"),
    [
        (NumberNotation(), 0.1, "0.1"),
        (NumberNotation(), 1e-7, "0.0000001"),
        (NumberNotation(), 1e22, "10000000000000000000000"),
        (NumberNotation(digits=2), 3.0, "3.00"),
        (NumberNotation(point=",", thousands=".", after=" €", digits=2), -1234567.5, "-1.234.567,50 €"),
        (NumberNotation(before="$", thousands=","), -999.25, "-$999.25"),
        (NumberNotation(before="$", thousands=",", minus="(#)", digits=2), -1234.0, "($1,234.00)"),
        (NumberNotation(before="USD ", inner=True), -1.5, "USD -1.5"),
        (NumberNotation(minus="#-"), -1.5, "1.5-"),
        (NumberNotation(width=3), -7.0, "-007"),
        (NumberNotation(digits=3, power="E", always=True), 5.9e-10, "5.900E-10"),
        (NumberNotation(digits=1, power="e", always=True, point=","), -1500.0, "-1,5e+03"),
        (NumberNotation(power="e"), 1e-7, "1e-07"),
        (NumberNotation(power="e"), 0.0, "0"),
        (DateNotation("%d/%m/%y", first=1922), -10957.0, "02/01/40"),
        (DateNotation("%d/%m/%y"), -1.0 + 365, "31/12/70"),
        (DateNotation("%Y-%m-%dT%H:%M:%S%z", zone="+01:00"), 0.0, "1970-01-01T01:00:00+01:00"),
        (DateNotation("%Y-%m-%d %H:%M%z", zone="-0530"), 330.0, "1970-01-01 00:00-0530"),
        (DateNotation("%Y-%m-%d"), 0.0, "1970-01-01"),
        (DateNotation("%d/%m/%Y", padded=False), -1.0, "31/12/1969"),
        (DateNotation("%d/%m/%Y", padded=False), 4.0, "5/1/1970"),
        (DateNotation("%Y-%m-%d %H:%M"), 61.0, "1970-01-01 01:01"),
        (DateNotation("%Y-%m-%dT%H:%M:%S.%fZ", digits=3), 0.125, "1970-01-01T00:00:00.125Z"),
        (DateNotation("%m/%d/%Y %I:%M %p"), 780.0, "01/01/1970 01:00 PM"),
    ],
)
def test_values_are_written_so(form, value, cell):
    assert form.cell(value) == cell
    assert form.value(cell) == value


@pytest.mark.parametrize(
    "cell",
    ["", "2019_01", "١٢", "１２", "1,5", "1 5", "--5", "+-5", "0x10", "1e", "e5", ".", "NaN", "5%", "1.5.2", "1\n2"],
)
def test_what_is_no_plain_number_is_not_taken(cell):
    assert NumberNotation().value(cell) is None
    assert NumberNotation().values([cell, "1"]) == {cell: None, "1": 1.0}


@pytest.mark.parametrize("cell", ["(-5)", "(5", "5)", "()", "(+5)", "((5))"])
def test_brackets_hold_a_size(cell):
    assert NumberNotation(minus="(#)").value(cell) is None


@pytest.mark.parametrize("cell", ["1,50", "12,345,67", "01,234", "1234,567", ",123", "1,2345", "1,234e5", "$-1", "$"])
def test_thousands_are_groups_of_three(cell):
    assert NumberNotation(thousands=",").value(cell) is None


@pytest.mark.parametrize("cell", ["2019-02-30", "2019-13-01", "0000-00-00", "٢٠١٩-٠١-٠١", "2019-01-01 ", "19-01-01"])
def test_what_is_no_date_is_not_taken(cell):
    assert DateNotation("%Y-%m-%d").value(cell) is None


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S", "%d %b %Y", "%m/%d/%Y %I:%M:%S %p"]),
    st.booleans(),
)
def test_a_date_comes_back_from_its_text(moment, pattern, padded):
    form = DateNotation(pattern, padded)
    value = (moment - datetime(1970, 1, 1)) // timedelta(seconds=form.unit)
    assert form.value(form.cell(value)) == value


@pytest.mark.parametrize(
    ("cells", "form", "needed"),
    [
        (["1.50", "2.25"], NumberNotation(), (2, 2)),
        (["1.50", "2"], NumberNotation(), (1, 0)),
        (["1.0", "2.0"], NumberNotation(), (0, 1)),
        (["1", "2"], NumberNotation(), (0, 0)),
        (["1.5e-3", "2"], NumberNotation(), (4, 0)),
        (["1.5E3", "2"], NumberNotation(), (0, 0)),
        (["1.234,50 €"], NumberNotation(after=" €", point=",", thousands="."), (1, 2)),
    ],
)
def test_decimals_are_counted(cells, form, needed):
    assert form.decimals(cells) == needed


def test_patterns_hold_each_part_once():
    assert is_pattern("%d/%m/%Y")
    assert not any(map(is_pattern, ["", "today", "%", "%d%", "%q", "%d %d"]))
