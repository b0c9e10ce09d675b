"""Rows of a CSV file."""

from __future__ import annotations

import csv
import io

from saddlepoint.errors import BadData

Rows = list[tuple[int, list[str]]]


def rows_of(content: bytes, where: str) -> Rows:
    """The rows that are not blank, each with its number counted from 1, cells stripped of blanks around them.

    Cells are divided by commas, semicolons or tabs, whichever the first line has most. Raises `BadData` for
    text that is not UTF-8, rows of different length and files without a row.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadData(f"{where}: is not UTF-8 text ({error.reason}); save it as UTF-8") from error
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        raw = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise BadData(f"{where}: is not a CSV file that can be read ({error})") from error
    rows = [(number, [cell.strip() for cell in row]) for number, row in enumerate(raw, 1) if any(row)]
    if not rows:
        raise BadData(f"{where}: is empty; wanted a row for each sample")
    wanted = len(rows[0][1])
    for number, row in rows:
        if len(row) != wanted:
            raise BadData(f"{where}, row {number}: wanted {wanted} cells as in the first row, got {len(row)}")
    return rows
