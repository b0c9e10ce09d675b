"""Rows of a CSV file."""

from __future__ import annotations

import csv
import io

from saddlepoint.errors import BadData

Rows = list[tuple[int, list[str]]]


def rows_of(content: bytes, where: str) -> Rows:
    """The rows that are not blank, each with its number counted from 1, cells stripped of blanks around them.

    Raises `BadData` for text that is not UTF-8, a quote that is not closed, rows of different length and files without
    a row.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadData(f"{where}: is not UTF-8 text ({error.reason}); save it as UTF-8") from error
    raw = _parsed(text, delimiter_of(content), where)
    rows = [(number, [cell.strip() for cell in row]) for number, row in enumerate(raw, 1) if any(row)]
    if not rows:
        raise BadData(f"{where}: is empty; wanted a row for each sample")
    wanted = len(rows[0][1])
    for number, row in rows:
        if len(row) != wanted:
            raise BadData(f"{where}, row {number}: wanted {wanted} cells as in the first row, got {len(row)}")
    return rows


def delimiter_of(content: bytes) -> str:
    """What divides cells: commas, semicolons or tabs, whichever the first line has most."""
    first = content.partition(b"\n")[0]
    return max(",;\t", key=lambda mark: first.count(mark.encode()))


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
