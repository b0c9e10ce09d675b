"""What the columns of a table were taken for, in lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from shlex import quote
from typing import TypeGuard

from saddlepoint.data._cells import Cells
from saddlepoint.data._figures import is_figures
from saddlepoint.data._kinds import codes, may_be_numbers
from saddlepoint.tabular.column import Column
from saddlepoint.tabular.notation import DateNotation, Notation, NumberNotation

_EACH, _SHOWN = 30, 6


def notes_of(cells: Cells, columns: Sequence[Column], label: str | None, classes: Sequence[str]) -> list[str]:
    """A line for each column, or in wide tables for each kind of column."""
    lines = [] if cells.named else [_nameless(cells)]
    if cells.blank:
        lines.append(f'{cells.blank:,} blank lines were left out; of a missing cell alone in its row write NA or ""')
    if label is not None:
        lines.append(f"column {label!r}: the label, {len(classes)} classes ({_some(classes)})")
    told = [(column.name, _said(cells, column)) for column in columns if not column.of]
    if len(told) <= _EACH:
        return [*lines, *(f"column {name!r}: {said}" for name, said in told)]
    kinds = sorted(((_kind(column), column.name) for column in columns if not column.of), key=lambda one: one[0])
    for kind, group in groupby(kinds, key=lambda one: one[0]):
        names = [name for _, name in group]
        lines.append(f"{len(names)} column{'s' * (len(names) > 1)} of {kind}: {_some(names)}")
    return lines


def _nameless(cells: Cells) -> str:
    first = _some([column[0] for column in cells.by_column.values()])
    last = len(cells.by_column) - 1
    return f"no row of names: the columns are c0 to c{last}; if the first row ({first}) names them, make it words"


def _said(cells: Cells, column: Column) -> str:
    gone = cells.lacking(column.name)
    word = cells.missing(column.name) or "empty"
    missing = f"; {gone:,} of {len(cells.rows):,} cells are missing ({word})" if gone else ""
    if column.categories:
        count = len(column.categories)
        shown = f"{count} {'categories' if count > 1 else 'category'} ({_some(column.categories)})"
        return f"{shown}{_doubt(cells, column)}{missing}"
    assert column.limits is not None
    least, most = map(_whole_years(column).cell, column.limits)
    return f"{_kind(column)} from {least} to {most}{missing}"


def _doubt(cells: Cells, column: Column) -> str:
    """What is to be told of categories that hold figures."""
    present = cells.present(column.name)
    why = codes(present)
    if why:
        numbers = f" (--data.numbers {quote(column.name)} takes it as a number)"
        return f", codes with {why}{numbers if may_be_numbers(present) else ''}"
    figures = sum(count for cell, count in present.items() if is_figures(cell))
    if 2 * figures < present.total() or not present:
        return ""
    if may_be_numbers(present):
        return f", though most are figures (--data.numbers {quote(column.name)} takes it as a number)"
    dates = f"--data.dates {quote(f'{column.name}=PATTERN')}"
    return f", though most are figures (write numbers all in one way, or say how dates are written: {dates})"


def _whole_years(column: Column) -> Column:
    """A column of dates whose years have four figures."""
    form = column.form
    return replace(column, form=replace(form, pattern=form.pattern.replace("%y", "%Y"))) if _short(form) else column


def _short(form: Notation) -> TypeGuard[DateNotation]:
    return isinstance(form, DateNotation) and "%y" in form.pattern


def _kind(column: Column) -> str:
    """A kind of column, in the plural."""
    if column.categories:
        return "categories"
    if isinstance(column.form, DateNotation):
        return f"dates as {column.form.pattern.replace('%z', column.form.zone)}"
    assert isinstance(column.form, NumberNotation)
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
