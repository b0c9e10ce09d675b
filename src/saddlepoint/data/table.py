"""Tables in CSV files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from saddlepoint.data._cells import Cells, cells_of, is_missing
from saddlepoint.data._columns import measured
from saddlepoint.data._files import existing
from saddlepoint.data._kinds import Said, kinds_of
from saddlepoint.data._notes import notes_of
from saddlepoint.data._parted import parted
from saddlepoint.errors import BadData, listed
from saddlepoint.ranges import ProperShare
from saddlepoint.source import Source, split_off
from saddlepoint.spec import Units
from saddlepoint.tabular.column import Column, Sheet

_MOST_CLASSES = 100


def table(
    path: str,
    *,
    label: str | None = None,
    drop: str | None = None,
    categories: str | None = None,
    numbers: str | None = None,
    dates: str | None = None,
    decimal: Literal["auto", "point", "comma"] = "auto",
    missing: Literal["model", "refuse"] = "model",
    held_out: ProperShare = 0.1,
) -> Source:
    """A table in a CSV file, plain or gzipped: columns of numbers, of dates and of categories.

    Paper: none; the format of RFC 4180, with commas, semicolons or tabs

    The first row names the columns unless it looks like the others; columns without a name are c0, c1 and so on. The
    column `label` becomes the classes; the columns in `drop`, divided by commas, are left out.

    What a column is, is told from its cells, and said in a line for each. Numbers may have a decimal comma (`decimal`
    says which where nothing tells), marks between thousands, %, or a sign of money; they come back with the file's
    decimals and within its range. Dates count days, minutes or seconds since 1970. All else is a category and becomes
    one-hot, so are figures with leading zeros. `categories`, `numbers` and `dates` name columns, divided by commas,
    that are to be taken as such; NAME=%d/%m/%Y says how dates are written.

    A missing cell, empty or NA or the like, is one more category; a number gets a category beside it that says
    whether it is there. With `missing` refuse it is refused. In the label it is, unless `categories` names the label.

    Raises `BadData`, naming the file, row and column, for cells that do not fit, and what may be read in two ways.
    """
    cells = cells_of(existing(path))
    point = {"auto": None, "point": ".", "comma": ","}[decimal]
    said = Said(_names(cells, categories), _names(cells, numbers), cells.named_in(dates), point)
    dropped = _names(cells, drop)
    classes = _classes(cells, label, said) if label else ()
    names = [name for name in cells.by_column if name not in dropped and name != label]
    if not names:
        raise BadData(f"{cells.where}: no columns are left to learn; drop fewer of {listed(cells.by_column)}")
    for name in names if missing == "refuse" else ():
        cells.whole(name)
    written = [name for name in cells.by_column if name not in dropped]
    sheet = Sheet(cells.delimiter, label, written.index(label) if label in written else 0, cells.unnamed)
    return _source(cells, kinds_of(cells, names, said), sheet, classes, held_out)


def alike(path: str, units: Units, classes: Sequence[str], *, held_out: float = 0.0) -> Source:
    """The table at `path`, its columns and labels taken for what another table's are, not for what they look like.

    The label may be absent. Raises `BadData` for a column that is not there, and cells that do not fit.
    """
    cells = cells_of(existing(path))
    kinds = [column for column in units.columns if not column.of]
    for kind in kinds:
        if kind.name not in cells.by_column:
            there = listed(cells.by_column)
            raise BadData(f"{path}: the reference's column {kind.name!r} is missing; there are: {there}")
    sheet = units.sheet or Sheet()
    if sheet.label not in cells.by_column:
        return _source(cells, kinds, Sheet(sheet.delimiter), (), held_out)
    return _source(cells, kinds, sheet, classes, held_out)


def reads(path: Path) -> int:
    """1 for a .csv or .tsv file, plain or gzipped."""
    return int(path.is_file() and re.search(r"\.[ct]sv(\.gz)?$", path.name.lower()) is not None)


def example(folder: Path) -> Path:
    """Writes a small sample of what this reads below `folder`, and gives its path: two numbers, a category."""
    source = np.random.default_rng(0)
    rows = [f"{source.normal():.5f},{'red' if i % 3 else 'blue'},{source.integers(9)}" for i in range(40)]
    (folder / "t.csv").write_text("\n".join(["length,colour,count", *rows]), encoding="utf-8")
    return folder / "t.csv"


def _names(cells: Cells, told: str | None) -> Sequence[str]:
    found = cells.named_in(told)
    cells.known(f"{name}={more}" for name, more in found.items() if more)
    return list(found)


def _classes(cells: Cells, label: str, said: Said) -> Sequence[str]:
    """The classes that a column of labels has; one that says that it has none is refused, unless it is a category."""
    cells.known([label])
    advice = f"; fill it, remove the row, or give --data.categories {quote(label)} to take it for a class"
    for place, cell in enumerate(cells.by_column[label]):
        if not cell or (is_missing(cell) and label not in said.categories):
            raise cells.bad(label, place, "a value", advice)
    return cells.kinds(label, cells.texts(label), _MOST_CLASSES, "a label must name a class")


def _source(
    cells: Cells, kinds: Sequence[Column], sheet: Sheet, classes: tuple[str, ...] | Sequence[str], held_out: float
) -> Source:
    y = _labels(cells, sheet.label, classes) if sheet.label else None
    parts = split_off(y, len(cells.rows), held_out)
    found = [one for kind in kinds for one in measured(cells, kind, parts[0].numpy())]
    columns = tuple(one.column for one in found)
    x = torch.from_numpy(np.concatenate([one.seen for one in found], axis=1))
    units = Units(columns=columns, sheet=sheet)
    source = parted(x, y, parts, units, classes=tuple(classes), simplexes=_simplexes(columns))
    source.notes = notes_of(cells, columns, sheet.label, classes)
    return source


def _labels(cells: Cells, label: str, classes: Sequence[str]) -> Tensor:
    """The index (N,) of each row's class."""
    index = {name: i for i, name in enumerate(classes)}
    for place, cell in enumerate(cells.by_column[label]):
        if not cell:
            raise cells.bad(label, place, "a value")
        if cell not in index:
            where = f"{cells.where}, row {cells.rows[place]}, column {label!r}"
            raise BadData(f"{where}: {cell!r} is not among those of the reference: {', '.join(classes)}")
    return torch.tensor([index[cell] for cell in cells.by_column[label]])


def _simplexes(columns: Sequence[Column]) -> tuple[tuple[int, int], ...]:
    starts = np.cumsum([0, *(column.width for column in columns)]).tolist()
    return tuple((start, start + c.width) for start, c in zip(starts, columns, strict=False) if c.categories)
