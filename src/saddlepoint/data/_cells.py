"""A table as texts: its cells by column, before anybody says what they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from saddlepoint.data._files import contents
from saddlepoint.data._labels import numbered
from saddlepoint.data._rows import delimiter_of, rows_of
from saddlepoint.errors import BadData, unknown

# What stands for a missing cell, whatever its capitals.
_MISSING = {
    "", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "-nan", "nat", "null", "none", "nil", "missing",
    "-", "--", "?",
}  # fmt: skip


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.casefold() in _MISSING


@dataclass(frozen=True)
class Cells:
    """The texts of a file by column, the number of each row in it, and what divides them.

    `named` is whether the first row names the columns.
    """

    where: Path
    named: bool
    delimiter: str
    rows: Sequence[int]
    by_column: dict[str, tuple[str, ...]]

    def known(self, names: Sequence[str]) -> Sequence[str]:
        """These names; raises `BadData` for one that no column has."""
        for name in names:
            if name not in self.by_column:
                raise BadData(f"{self.where}: {unknown('column', name, self.by_column)}")
        return names

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

    def kinds(self, name: str, most: int, advice: str) -> tuple[str, ...]:
        """The different texts of a column, which must be few, in the order people expect."""
        kinds, _ = numbered(tuple(self._counts[name]))
        if len(kinds) > most:
            where = f"{self.where}, column {name!r}"
            raise BadData(f"{where}: wanted at most {most:,} different values, got {len(kinds):,}; {advice}")
        return kinds

    def bad(self, name: str, place: int, wanted: str, advice: str = "") -> BadData:
        """The error for the cell at `place` of a column."""
        cell = self.by_column[name][place]
        empty = f"an empty cell; fill it, remove the row, or give --data.drop {name}"
        got = f"{cell!r}{advice}" if cell else empty
        return BadData(f"{self.where}, row {self.rows[place]}, column {name!r}: wanted {wanted}, got {got}")


def cells_of(file: Path) -> Cells:
    """The cells of a CSV file; raises `BadData` where it holds no samples, or two columns of one name."""
    content = contents(file)
    numbers, rows = zip(*rows_of(content, str(file)), strict=True)
    named = _has_names(rows)
    first = rows[0] if named else [""] * len(rows[0])
    names = [name or f"c{i}" for i, name in enumerate(first)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadData(f"{file}: two columns are called {twice!r}; give each its own name")
    samples = rows[named:]
    if not samples:
        raise BadData(f"{file}: is empty but for the names of its columns; wanted a row for each sample")
    by_column = dict(zip(names, zip(*samples, strict=True), strict=True))
    return Cells(file, named, delimiter_of(content), numbers[named:], by_column)


def _has_names(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it holds no figures, or another kind of cell than those below it."""
    first = [_is_figures(cell) for cell in rows[0] if cell]
    if all(first) or not any(first):
        return not all(first)
    for cell, below in zip(rows[0], zip(*rows[1:_ENOUGH], strict=True), strict=False):
        others = {_is_figures(other) for other in below if not is_missing(other)}
        if cell and others and _is_figures(cell) not in others:
            return True
    return False


_ENOUGH = 20


@cache
def _figures() -> re.Pattern[str]:
    """Numbers and dates, however they are written; also texts that only look like them."""
    return re.compile(r"[+-]?[$€£¥]?\s?[+-]?\.?[0-9](?:[0-9.,:/'’+\sTZ-]|[eE][+-]?[0-9])*[%‰$€£¥]?|[+-]?(?i:inf)")


def _is_figures(cell: str) -> bool:
    return _figures().fullmatch(cell) is not None
