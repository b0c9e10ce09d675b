"""Figures, told from words."""

from __future__ import annotations

import re
from functools import cache


@cache
def _figures() -> re.Pattern[str]:
    """Numbers and dates, however they are written; also texts that only look like them."""
    signs = "%‰$€£¥"
    body = r"\.?[0-9](?:[0-9.,:/'’+\sTZ-]|[eE][+-]?[0-9])*"
    before = rf"(?:[+−-]?(?:[A-Z]{{3}}\s|[{signs}])?\s?[+-]?|\([{signs}]?)"
    return re.compile(rf"{before}{body}(?:[{signs}]|[A-Za-z°µμ²³/]{{1,6}})?\)?|[+-]?(?i:inf)")


def is_figures(cell: str) -> bool:
    """Whether a text is one of figures, perhaps with signs and a unit."""
    return _figures().fullmatch(cell) is not None
