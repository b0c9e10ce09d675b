"""Columns: between own values and what networks see."""

import json
import math

import pytest
import torch

from saddlepoint.spec import Units
from saddlepoint.tabular.column import Column
from saddlepoint.tabular.notation import DateNotation, NumberNotation


def test_numbers_come_back_rounded_and_within_their_range():
    column = Column("x", mean=10.0, std=4.0, decimals=1, limits=(8.0, 13.5))
    seen = torch.tensor([[-9.0], [0.01], [0.033], [9.0], [-0.25]]).double()
    assert column.own(seen).tolist() == [8.0, 10.0, 10.1, 13.5, 9.0]
    assert math.copysign(1, float(Column("x", decimals=0).own(torch.tensor([[-0.2]]).double()))) == 1, "no -0"


def test_what_is_not_finite_stays_so():
    """A model that has diverged must not look as if it had not."""
    number = Column("x", decimals=0, limits=(0.0, 1.0))
    assert number.own(torch.tensor([[torch.inf], [torch.nan]])).isfinite().sum() == 0
    kind = Column("k", categories=("a", "b"))
    assert kind.own(torch.tensor([[0.0, torch.nan], [0, 1]])).isfinite().tolist() == [False, True]
    assert [kind.cell(float("nan")), number.cell(float("inf"))] == ["nan", "inf"]


@pytest.mark.parametrize("value", [0.1, 16777216.0, 1e-3, 3.3])
def test_numbers_of_32_bits_come_back_as_such(value):
    single = torch.tensor([value]).double()
    column = Column("x", mean=0.7, std=2.3, single=True)
    assert torch.equal(column.own(column.seen(single)), single)
    made = column.own(torch.tensor([[0.123456789012345]]).double())
    assert torch.equal(made, made.float().double())


@pytest.mark.parametrize(
    "column",
    [
        Column("x", 1.0, 2.0),
        Column("k", categories=("a", "")),
        Column("x", decimals=0, limits=(1.0, 2.0), form=NumberNotation(after="%"), missing="", filling=1.0),
        Column("x missing", categories=("there", "missing"), of="x"),
        Column("d", form=DateNotation("%d.%m.%Y", padded=False), single=True),
    ],
)
def test_a_column_survives_json(column):
    plain = json.loads(json.dumps(column.as_dict()))
    assert Column.from_dict(plain) == column


def test_a_column_written_before_there_were_forms_still_reads():
    """As tables were described at first; and a plain column is still described so."""
    plain = {"name": "x", "mean": 1.5, "std": 2.0, "categories": []}
    assert Column.from_dict(plain) == Column("x", 1.5, 2.0)
    assert json.loads(json.dumps(Column("x", 1.5, 2.0).as_dict())) == plain
    units = {"shift": 0.0, "scale": 1.0, "limits": None, "columns": [plain]}
    assert Units.from_dict(units) == Units(columns=(Column("x", 1.5, 2.0),))
    assert json.loads(json.dumps(Units.from_dict(units).as_dict())) == units
