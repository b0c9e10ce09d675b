"""A table as texts: its cells by column, before anybody says what they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shlex import quote

from saddlepoint.data._figures import is_figures
from saddlepoint.data._files import contents
from saddlepoint.data._labels import numbered
from saddlepoint.data._rows import grid_of
from saddlepoint.errors import BadData, unknown

# What stands for a missing cell, whatever its capitals.
_MISSING = {
    "", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "-nan", "nat", "null", "none", "nil", "missing",
    "-", "--", "?", ".",
}  # fmt: skip


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.casefold() in _MISSING


@dataclass(frozen=True)
class Cells:
    """The texts of a file by column, the number of each row in it, and what divides them.

    `named` is whether the first row names the columns, but for those `unnamed`; `blank` lines were left out.
    """

    where: Path
    named: bool
    unnamed: tuple[str, ...]
    delimiter: str
    blank: int
    rows: Sequence[int]
    by_column: dict[str, tuple[str, ...]]

    def known(self, names: Iterable[str]) -> None:
        """Raises `BadData` for a name that no column has."""
        for name in names:
            if name not in self.by_column:
                raise BadData(f"{self.where}: {unknown('column', name, self.by_column)}")

    def named_in(self, told: str | None) -> dict[str, str]:
        """The columns that are told, divided by commas, and what is told of each behind a =; names may hold both.

        Raises `BadData` for a name that no column has.
        """
        names = "|".join(map(re.escape, sorted(self.by_column, key=len, reverse=True)))
        # A pattern of dates may hold a comma, too: then more of it follows.
        one = re.compile(rf"\s*({names}|[^,=]*?)\s*(?:=\s*([^,]*(?:,[^,=]*%[^,=]*)*)\s*)?(?:,|$)")
        found = {match[1]: match[2] or "" for match in one.finditer(told or "") if match[0]}
        self.known(found)
        return found

    def present(self, name: str) -> Counter[str]:
        """The different texts of a column that are not missing, and how often each is there."""
        return self._present[name]

    @cached_property
    def _counts(self) -> dict[str, Counter[str]]:
        return {name: Counter(cells) for name, cells in self.by_column.items()}

    @cached_property
    def _present(self) -> dict[str, Counter[str]]:
        return {
            name: Counter({cell: count for cell, count in counts.items() if not is_missing(cell)})
            for name, counts in self._counts.items()
        }

    def missing(self, name: str) -> str | None:
        """The text that most of a column's missing cells have, None where none is missing."""
        counts = self._counts[name]
        gone = counts.keys() - self.present(name).keys()
        return max(gone, key=lambda cell: (counts[cell], cell)) if gone else None

    def whole(self, name: str) -> tuple[str, ...]:
        """The cells of a column, none missing."""
        cells, missing = self.by_column[name], self.missing(name)
        if missing is not None:
            raise self.bad(name, cells.index(missing), "a value")
        return cells

    def texts(self, name: str) -> Sequence[str]:
        """The different texts of a column."""
        return tuple(self._counts[name])

    def values(self, name: str) -> Sequence[str]:
        """The different values of a column: one text stands for all cells that are missing."""
        missing = self.missing(name)
        return [*self.present(name), *([] if missing is None else [missing])]

    def kinds(self, name: str, texts: Sequence[str], most: int, advice: str) -> tuple[str, ...]:
        """Different texts of a column, which must be few, in the order people expect."""
        kinds, _ = numbered(texts)
        if len(kinds) > most:
            where = f"{self.where}, column {name!r}"
            raise BadData(f"{where}: wanted at most {most:,} different values, got {len(kinds):,}; {advice}")
        return kinds

    def lacking(self, name: str) -> int:
        """How many cells of a column are missing."""
        return len(self.rows) - self.present(name).total()

    def bad(self, name: str, place: int, wanted: str, advice: str = "") -> BadData:
        """The error for the cell at `place` of a column."""
        cell = self.by_column[name][place]
        empty = f"an empty cell; fill it, remove the row, or give --data.drop {quote(name)}"
        got = f"{cell!r}{advice}" if cell else empty
        return BadData(f"{self.where}, row {self.rows[place]}, column {name!r}: wanted {wanted}, got {got}")


def cells_of(file: Path) -> Cells:
    """The cells of a CSV file; raises `BadData` where it holds no samples, or two columns of one name."""
    grid = grid_of(contents(file), str(file))
    numbers, rows = zip(*grid.rows, strict=True)
    named = _has_names(rows)
    first = rows[0] if named else [""] * len(rows[0])
    names = _names(first)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadData(f"{file}: two columns are called {twice!r}; give each its own name")
    samples = rows[named:]
    if not samples:
        raise BadData(f"{file}: is empty but for the names of its columns; wanted a row for each sample")
    by_column = dict(zip(names, zip(*samples, strict=True), strict=True))
    unnamed = tuple(name for name, cell in zip(names, first, strict=True) if named and not cell)
    return Cells(file, named, unnamed, grid.delimiter, grid.blank, numbers[named:], by_column)


def _names(first: Sequence[str]) -> list[str]:
    """The names of columns, each its own also where a cell is empty."""
    names = list(first)
    for place, name in enumerate(first):
        if not name:
            made = f"c{place}"
            while made in first:
                made += "_"
            names[place] = made
    return names


def _has_names(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it holds no figures, or another kind of cell than those below it."""
    first = [is_figures(cell) for cell in rows[0] if cell]
    if _names_years(rows[0], rows[1:]):
        return True
    if all(first) or not any(first):
        return not all(first)
    for cell, below in zip(rows[0], zip(*rows[1:_ENOUGH], strict=True), strict=False):
        others = {is_figures(other) for other in below if not is_missing(other)}
        if cell and others and is_figures(cell) not in others:
            return True
    return False


_ENOUGH = 20


def _names_years(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether all figures of a row are years, two or more, and none like them is in the columns below them."""
    years = {place: cell for place, cell in enumerate(first) if is_figures(cell)}
    if len(set(years.values())) < max(len(years), 2) or not all(map(_YEAR.fullmatch, years.values())):
        return False
    figures = [value for row in below for place in years if (value := _size(row[place])) is not None]
    least, most = min(map(int, years.values())), max(map(int, years.values()))
    return bool(figures) and (most < min(figures) or max(figures) < least)


_YEAR = re.compile("1[89][0-9]{2}|2[01][0-9]{2}")


def _size(cell: str) -> float | None:
    """The size of a cell as a number, None where it is none; of which mark is its point matters little."""
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return None
