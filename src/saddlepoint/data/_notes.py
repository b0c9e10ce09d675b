"""What the columns of a table were taken for, in lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from saddlepoint.column import Column
from saddlepoint.data._cells import Cells
from saddlepoint.data._kinds import codes
from saddlepoint.form import DateForm, NumberForm

_EACH, _SHOWN = 30, 6


def notes_of(cells: Cells, columns: Sequence[Column], label: str | None, classes: Sequence[str]) -> list[str]:
    """A line for each column, or in wide tables for each kind of column."""
    lines = [] if cells.named else [f"no row of names: the columns are c0 to c{len(cells.by_column) - 1}"]
    if label is not None:
        lines.append(f"column {label!r}: the label, {len(classes)} classes ({_some(classes)})")
    told = [(column.name, _said(cells, column)) for column in columns if not column.of]
    if len(told) <= _EACH:
        return [*lines, *(f"column {name!r}: {said}" for name, said in told)]
    kinds = sorted((_kind(column), column.name) for column in columns if not column.of)
    for kind, group in groupby(kinds, key=lambda one: one[0]):
        names = [name for _, name in group]
        lines.append(f"{len(names)} column{'s' * (len(names) > 1)} of {kind}: {_some(names)}")
    return lines


def _said(cells: Cells, column: Column) -> str:
    if column.categories:
        why = codes(column.categories)
        advice = f", codes with {why} (--data.numbers {column.name} takes it as a number)" if why else ""
        count = len(column.categories)
        return f"{count} {'categories' if count > 1 else 'category'} ({_some(column.categories)}){advice}"
    assert column.limits is not None
    least, most = map(column.cell, column.limits)
    gone = len(cells.by_column[column.name]) - sum(cells.present(column.name).values())
    missing = f"; {gone:,} of {len(cells.rows):,} cells are missing ({column.missing or 'empty'})" if gone else ""
    return f"{_kind(column)} from {least} to {most}{missing}"


def _kind(column: Column) -> str:
    """A kind of column, in the plural."""
    if column.categories:
        return "categories"
    if isinstance(column.form, DateForm):
        return f"dates as {column.form.pattern}"
    assert isinstance(column.form, NumberForm)
    form, decimals = column.form, column.decimals
    usual = {0: "whole numbers", 1: "numbers of 1 decimal", None: "numbers"}
    shown = usual.get(decimals, f"numbers of {decimals} decimals")
    signs = [f"with {sign.strip()!r}" for sign in (form.before, form.after) if sign]
    point = ["with a decimal comma"] if form.point == "," and decimals != 0 else []
    thousands = [f"with {form.thousands!r} between thousands"] if form.thousands else []
    return " ".join([shown, " and ".join([*point, *thousands, *signs])]).rstrip()


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:_SHOWN]))
    return f"{shown} ..." if len(names) > _SHOWN else shown
