"""Rows of a CSV file."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from saddlepoint.data._figures import is_figures
from saddlepoint.errors import BadData

_MARKS, _ENOUGH, _HEAD = "\t;,", 300, 1000
_SAID = re.compile(r'"?sep=([,;\t])"?\r?\n')


Rows = list[tuple[int, list[str]]]


class Grid(NamedTuple):
    """The rows of a file, each with its number, what divides their cells, and how many blank ones may be missing."""

    rows: Rows
    delimiter: str
    blank: int


def grid_of(content: bytes, where: str) -> Grid:
    """The rows that are not blank, numbered from 1, cells stripped of blanks around them.

    Commas, semicolons or tabs divide cells: what the first line says (sep=;), or what gives all rows as many cells.

    Raises `BadData` for text that is not UTF-8, a quote that is not closed, rows of different length and files without
    a row, and where nothing tells what divides cells.
    """
    text = _text(content, where)
    said = _SAID.match(text)
    delimiter = said[1] if said else _delimiter(text, where)
    raw = list(enumerate(_parsed(text[said.end() :] if said else text, delimiter, where), 2 if said else 1))
    full = [place for place, (_, row) in enumerate(raw) if any(row)]
    if not full:
        raise BadData(f"{where}: is empty; wanted a row for each sample")
    wanted = len(raw[full[0]][1])
    # An empty cell in quotes, alone in its row, is a missing one; of a blank line nobody knows.
    rows = [(number, [cell.strip() for cell in row]) for number, row in raw if any(row) or len(row) > (wanted > 1)]
    for number, row in rows:
        if len(row) != wanted:
            raise BadData(f"{where}, row {number}: wanted {wanted} cells as in the first row, got {len(row)}")
    blank = sum(not row for _, row in raw[full[0] : full[-1]]) if wanted == 1 else 0
    return Grid(rows, delimiter, blank)


def _text(content: bytes, where: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:_HEAD]:
        raise BadData(f"{where}: is UTF-16 (Excel's 'Unicode text') or no text at all; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadData(f"{where}: is not UTF-8 text ({error.reason}); save it as UTF-8") from error


def _delimiter(text: str, where: str) -> str:
    """The mark that gives the first rows one number of cells, more than one.

    Where several do, that under which more cells are figures; where none does, that under which most rows are alike.
    """
    tried = {mark: _some(text, mark) for mark in _MARKS}
    even = {mark: rows for mark, rows in tried.items() if len({len(row) for row in rows}) == 1 and len(rows[0]) > 1}
    if not even:
        return max(reversed(_MARKS), key=lambda mark: _alike(tried[mark]))
    if len(even) == 1 or "\t" in even:
        # Nobody has tabs in his cells.
        return next(iter(even))
    shares = {mark: _figures(rows) for mark, rows in even.items()}
    if len(set(shares.values())) == 1:
        ways = " or ".join(map(repr, even))
        raise BadData(f'{where}: cells may be divided by {ways}; put "quotes" around the cells that hold the other')
    return max(shares, key=lambda mark: shares[mark])


def _some(text: str, delimiter: str) -> list[list[str]]:
    """The first rows that are not blank, up to what cannot be read."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(row for row in islice(_reader(text, delimiter), _ENOUGH) if len(row) > 1 or any(row))
    return rows


def _alike(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """How many rows have as many cells as the first, where these are several, and how many cells those are."""
    width = len(rows[0]) if rows else 0
    return (sum(len(row) == width for row in rows) if width > 1 else 0), width


def _figures(rows: Sequence[Sequence[str]]) -> float:
    """The share of cells that are figures, below the first row."""
    cells = [is_figures(cell.strip()) for row in rows[1:] for cell in row]
    return sum(cells) / max(len(cells), 1)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    # Not strict, a quote that is never closed takes all that follows for one cell.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)


def _parsed(text: str, delimiter: str, where: str) -> Iterator[list[str]]:
    row = 0
    try:
        for cells in _reader(text, delimiter):
            yield cells
            row += 1
    except csv.Error as error:
        if "unexpected end" in str(error) or "expected after" in str(error):
            said = 'a quote (") is not closed, or stands inside a quoted cell; close it, or write it twice'
            raise BadData(f"{where}, row {row + 1}: {said}") from error
        raise BadData(f"{where}: is not a CSV file that can be read ({error})") from error
