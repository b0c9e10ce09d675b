"""Whole numbers on a command line, as everywhere else: 1000 and 1e3, and nothing that is cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import Parameter

from saddlepoint.errors import BadOption
from saddlepoint.option import Option


def whole(kind: Any, tokens: Sequence[Any]) -> int:
    """The number that is told; raises `ValueError` for what is none."""
    try:
        number: int = Option("", "int", None).take(tokens[0].value, "")
    except BadOption as error:
        raise ValueError(str(error).removeprefix(": ")) from None
    return number


Whole = Annotated[int, Parameter(converter=whole)]
