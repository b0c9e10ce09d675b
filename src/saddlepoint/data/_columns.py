"""Columns of numbers: finite, and standardised for networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from saddlepoint.data import _notations
from saddlepoint.data._cells import Cells, is_missing
from saddlepoint.errors import BadData
from saddlepoint.tabular.column import Column
from saddlepoint.tabular.notation import DateNotation, NumberNotation

Numbers = NDArray[np.floating[Any]]


def first_bad(numbers: Numbers) -> tuple[int, ...] | None:
    """The position of the first entry that is not finite in 32 bits, None where all are."""
    with np.errstate(over="ignore"):
        bad = np.argwhere(~np.isfinite(numbers.astype(np.float32)))
    return tuple(bad[0].tolist()) if len(bad) else None


def standard(name: str, numbers: Numbers) -> Column:
    """The column of `numbers` (N,): its mean and standard deviation, which is 1 where all are equal.

    Numbers come back with as many decimals as they have, or in 32 bits where these hold them.
    """
    values = numbers.astype(np.float64)
    decimals = _decimals(values)
    made = Column(
        name, decimals=decimals, single=decimals is None and bool((values.astype(np.float32) == values).all())
    )
    if values.min() == values.max():
        return replace(made, mean=float(values[0]))
    return replace(made, mean=float(values.mean()), std=float(values.std()))


def exact(column: Column, values: Numbers) -> Column:
    """The column, standardised a little otherwise where only so these values (N,) come back to the last bit.

    To divide by a power of two loses nothing, nor does to take from a number one that is no finer than it is. Where
    numbers are of every size, these are not centred either, unless they are all far from 0.
    """
    scale = 2.0 ** round(np.log2(column.std))
    ways = [column, replace(column, mean=round(16 * column.mean / scale) / 16 * scale, std=scale)]
    if abs(column.mean) <= _FAR * column.std:
        ways.append(replace(column, mean=0.0, std=scale))
    own = torch.from_numpy(values)
    return next((way for way in ways if torch.equal(way.own(way.seen(own)), own)), column)


_FAR = 4


def _decimals(values: Numbers) -> int | None:
    """With how many decimals all of these numbers are written; None where 64 bits do not tell."""
    most = float(np.abs(values).max())
    for decimals in range(16):
        if not _held(most, decimals):
            return None
        if (values[:100].round(decimals) == values[:100]).all() and (values.round(decimals) == values).all():
            return decimals
    return None


def _held(most: float, decimals: int) -> bool:
    """Whether 64 bits hold all numbers of so many decimals up to the one of greatest size."""
    return decimals <= _EXACT and most * 10.0**decimals < 2**53


_EXACT = 22  # The greatest power of ten that 64 bits hold.


class Measured(NamedTuple):
    """A column and its samples (N, width) as networks see them."""

    column: Column
    seen: Numbers


def measured(cells: Cells, kind: Column, kept: NDArray[np.integer]) -> Iterator[Measured]:
    """A column of `kind`, standardised by the rows that are `kept`; after a number that may be missing, whether it is.

    Raises `BadData` for a cell that is not of this kind.
    """
    if kind.categories:
        yield Measured(kind, np.eye(kind.width)[_indices(cells, kind)])
        return
    values, there = _values(cells, kind)
    column = _number(cells, kind, values, there, kept)
    seen = (np.where(there, values, column.filling) - column.mean) / column.std
    yield Measured(column, seen[:, None])
    if kind.missing is not None:
        yield Measured(_flag(cells, kind.name), np.eye(2)[(~there).astype(np.int64)])


def _flag(cells: Cells, name: str) -> Column:
    flag = f"{name} missing"
    while flag in cells.by_column:
        flag += "_"
    return Column(flag, categories=("there", "missing"), of=name)


def _indices(cells: Cells, kind: Column) -> NDArray[np.int64]:
    """The index of each cell among the categories; one text for missing cells stands for all."""
    index = {category: i for i, category in enumerate(kind.categories)}
    missing = next((i for category, i in index.items() if is_missing(category)), None)
    found = [index.get(cell, missing if is_missing(cell) else None) for cell in cells.by_column[kind.name]]
    if None in found:
        place = found.index(None)
        where = f"{cells.where}, row {cells.rows[place]}, column {kind.name!r}"
        there = ", ".join(kind.categories)
        raise BadData(f"{where}: {cells.by_column[kind.name][place]!r} is not among those of the reference: {there}")
    return np.array(found, np.int64)


def _values(cells: Cells, kind: Column) -> tuple[Numbers, NDArray[np.bool_]]:
    """The values (N,) of a column of numbers, and which cells have one."""
    texts = cells.by_column[kind.name]
    known = kind.form.values(set(texts))
    if kind.missing is not None:
        known |= {text: np.nan for text in known if is_missing(text)}
    if None in known.values():
        place = next(place for place, text in enumerate(texts) if known[text] is None)
        raise cells.bad(kind.name, place, f"{kind.form.wanted} as in the reference")
    values = np.array([known[text] for text in texts], np.float64)
    there = ~np.isnan(values)
    bad = first_bad(np.where(there, values, 0.0))
    if bad is not None:
        raise cells.bad(kind.name, bad[0], "a finite number")
    return values, there


def _number(cells: Cells, kind: Column, values: Numbers, there: NDArray[np.bool_], kept: NDArray[np.integer]) -> Column:
    """A kind of numbers with what its values tell: mean, deviation, decimals, limits."""
    trained = values[kept][there[kept]]
    usual = standard(kind.name, trained if len(trained) else values[there])
    least, most = float(values[there].min()), float(values[there].max())
    form = kind.form
    if isinstance(form, NumberNotation):
        form, decimals = _notations.written(form, cells.present(kind.name))
    else:
        assert isinstance(form, DateNotation)
        decimals = form.digits
    told = decimals if _held(max(abs(least), abs(most)), decimals) else None
    # Of a kind that another table has, the filling is there, and must be the same to compare the two.
    filling = usual.mean if told is None else round(usual.mean, told)
    filling = filling if kind.limits is None else kind.filling
    made = replace(
        kind,
        mean=usual.mean,
        std=usual.std,
        form=form,
        decimals=told,
        limits=(least, most),
        single=False,
        filling=filling,
    )
    return exact(made, values[there])
