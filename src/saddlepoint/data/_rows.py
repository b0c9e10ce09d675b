"""Rows of a CSV file."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

from saddlepoint.errors import BadData


class Rows(NamedTuple):
    """The `cells` of each row that is not blank, its `numbers` counted from 1, and the `delimiter` between cells."""

    cells: list[list[str]]
    numbers: list[int]
    delimiter: str


def rows_of(content: bytes, where: str) -> Rows:
    """The rows of a file, cells stripped of blanks around them.

    Cells are divided by commas, semicolons or tabs, whichever the first line has most. Raises `BadData` for
    text that is not UTF-8, a quote that is not closed, rows of different length and files without a row.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadData(f"{where}: is not UTF-8 text ({error.reason}); save it as UTF-8") from error
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    cells, numbers = [], []
    for number, row in enumerate(_parsed(text, delimiter, where), 1):
        if any(row):
            cells.append([cell.strip() for cell in row])
            numbers.append(number)
    if not cells:
        raise BadData(f"{where}: is empty; wanted a row for each sample")
    for number, row in zip(numbers, cells, strict=True):
        if len(row) != len(cells[0]):
            raise BadData(f"{where}, row {number}: wanted {len(cells[0])} cells as in the first row, got {len(row)}")
    return Rows(cells, numbers, delimiter)


def _parsed(text: str, delimiter: str, where: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        # Not strict, a quote that is never closed takes all that follows for one cell.
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True):
            rows.append(row)
    except csv.Error as error:
        if "unexpected end" in str(error) or "expected after" in str(error):
            said = 'a quote (") is not closed, or stands inside a quoted cell; close it, or write it twice'
            raise BadData(f"{where}, row {len(rows) + 1}: {said}") from error
        raise BadData(f"{where}: is not a CSV file that can be read ({error})") from error
    return rows
