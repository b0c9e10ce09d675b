"""Tables in CSV files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from saddlepoint.data._columns import Numbers, first_bad, standard
from saddlepoint.data._files import contents, existing
from saddlepoint.data._labels import numbered
from saddlepoint.data._parted import parted
from saddlepoint.data._rows import Rows, rows_of
from saddlepoint.errors import BadData, unknown
from saddlepoint.ranges import ProperShare
from saddlepoint.source import Column, Source, Units, split_off

_MOST_KINDS = 100
_NUMERIC_SHARE = 0.9


def table(path: str, *, label: str | None = None, drop: str | None = None, held_out: ProperShare = 0.1) -> Source:
    """A table in a CSV file, plain or gzipped: columns of numbers and of categories.

    Paper: none; the format of RFC 4180, with commas, semicolons or tabs

    The first row names the columns unless it looks like the others; columns without a name are c0, c1 and so
    on. A column of which nine cells in ten are numbers is standardised; any other is a category and becomes
    one-hot. The column `label` becomes the classes; the columns in `drop`, divided by commas, are left out.

    Raises `BadData`, naming the file, row and column, for missing cells, texts among numbers, and values that
    are not finite.
    """
    read = _read(existing(path))
    dropped = [name.strip() for name in drop.split(",")] if drop else []
    for name in [*dropped, *([label] if label else [])]:
        if name not in read.cells:
            raise BadData(f"{read.where}: {unknown('column', name, read.cells)}")
    classes, y = read.kinds(label, "a label must name a class") if label else ((), None)
    parts = split_off(y, len(read.rows), held_out)
    names = [name for name in read.cells if name not in dropped and name != label]
    if not names:
        raise BadData(f"{read.where}: no columns are left to learn; drop fewer of {', '.join(read.cells)}")
    x, units = _seen([_typed(read, name) for name in names], parts[0])
    source = parted(x, y, parts, units, classes=classes, simplexes=_simplexes(units.columns))
    source.notes = () if read.named else (f"no row of names: the columns are c0 to c{len(read.cells) - 1}",)
    return source


def reads(path: Path) -> bool:
    """Whether `path` is a .csv or .tsv file, plain or gzipped."""
    return path.is_file() and re.search(r"\.[ct]sv(\.gz)?$", path.name.lower()) is not None


@dataclass(frozen=True)
class _Read:
    """A table as texts: cells by column, and the number of each row in the file."""

    where: Path
    named: bool
    rows: Sequence[int]
    cells: dict[str, tuple[str, ...]]

    def column(self, name: str) -> tuple[str, ...]:
        """The cells of a column, none missing."""
        cells = self.cells[name]
        if "" in cells:
            raise self.bad(name, cells.index(""), "a value")
        return cells

    def kinds(self, name: str, advice: str) -> tuple[tuple[str, ...], Tensor]:
        """The different values of a column, which must be few, and the index (N,) of each cell among them."""
        kinds, values = numbered(self.column(name))
        if len(kinds) > _MOST_KINDS:
            where = f"{self.where}, column {name!r}"
            raise BadData(f"{where}: wanted at most {_MOST_KINDS} different values, got {len(kinds)}; {advice}")
        return kinds, values

    def bad(self, name: str, place: int, wanted: str) -> BadData:
        """The error for the cell at `place` of a column."""
        cell = self.cells[name][place]
        got = repr(cell) if cell else f"an empty cell; fill it, remove the row, or give --data.drop {name}"
        return BadData(f"{self.where}, row {self.rows[place]}, column {name!r}: wanted {wanted}, got {got}")


@dataclass(frozen=True)
class _Typed:
    """A column's name with its numbers (N,), or with the index (N,) of each cell among its categories."""

    name: str
    values: Numbers | NDArray[np.int64]
    categories: tuple[str, ...] = ()


def _read(file: Path) -> _Read:
    rows = rows_of(contents(file), str(file))
    named = _has_names(rows)
    width = len(rows[0][1])
    names = rows[0][1] if named else [f"c{i}" for i in range(width)]
    names = [name or f"c{i}" for i, name in enumerate(names)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadData(f"{file}: two columns are called {twice!r}; give each its own name")
    samples = rows[1:] if named else rows
    if not samples:
        raise BadData(f"{file}: is empty but for the names of its columns; wanted a row for each sample")
    cells = dict(zip(names, zip(*(row for _, row in samples), strict=True), strict=True))
    return _Read(file, named, [number for number, _ in samples], cells)


def _has_names(rows: Rows) -> bool:
    """Whether the first row names the columns: it holds no number, or other kinds of cells than the next."""
    first = [_number(cell) is not None for cell in rows[0][1]]
    if all(first) or not any(first):
        return not all(first)
    return len(rows) > 1 and first != [_number(cell) is not None for cell in rows[1][1]]


def _typed(read: _Read, name: str) -> _Typed:
    cells = read.column(name)
    try:
        numbers = np.array([float(cell) for cell in cells])
    except ValueError:
        return _mixed(read, name)
    bad = first_bad(numbers)
    if bad is not None:
        raise read.bad(name, bad[0], "a finite number")
    return _Typed(name, numbers)


def _mixed(read: _Read, name: str) -> _Typed:
    """A column that holds texts: a category, unless nearly all of it are numbers."""
    numeric = [_number(cell) is not None for cell in read.cells[name]]
    if sum(numeric) >= _NUMERIC_SHARE * len(numeric):
        raise read.bad(name, numeric.index(False), "a number")
    categories, values = read.kinds(name, f"leave it out with --data.drop {name}")
    return _Typed(name, values.numpy(), categories)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _seen(typed: Sequence[_Typed], kept: Tensor) -> tuple[Tensor, Units]:
    """The table as networks see it (N, D), numbers standardised by those that are kept."""
    columns, parts = [], []
    for column in typed:
        if column.categories:
            columns.append(Column(column.name, categories=column.categories))
            parts.append(np.eye(len(column.categories))[column.values])
        else:
            numbers = column.values.astype(np.float64)
            columns.append(standard(column.name, numbers[kept.numpy()]))
            parts.append(((numbers - columns[-1].mean) / columns[-1].std)[:, None])
    return torch.from_numpy(np.concatenate(parts, axis=1).astype(np.float32)), Units(columns=tuple(columns))


def _simplexes(columns: Sequence[Column]) -> tuple[tuple[int, int], ...]:
    starts = np.cumsum([0, *(column.width for column in columns)]).tolist()
    return tuple((start, start + c.width) for start, c in zip(starts, columns, strict=False) if c.categories)
