"""An option: what may be told, in words, and how it is taken from a text or from TOML."""

from __future__ import annotations

import ast
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from saddlepoint.errors import BadOption, quoted
from saddlepoint.ranges import Amount, Range


@dataclass(frozen=True)
class Option:
    """A keyword-only parameter: its name, its annotation as text, and its default.

    >>> Option("share", "Annotated[float, Range(0, 1)] | None", 0.5).wanted
    'a number from 0 to 1'
    """

    name: str
    annotation: str
    default: Any

    def take(self, value: Any, where: str) -> Any:
        """`value`, as text from a command line or typed from TOML, as this option's type and in its range.

        Raises `BadOption`, naming `where`, when it cannot be taken.
        """
        if not self.takes(value):
            raise BadOption(f"{where}: wanted {self.wanted}, got {_told(value)}")
        return self._taken(value)

    def takes(self, value: Any) -> bool:
        """Whether `value` can be taken."""
        return self._taken(value) is not None or (value is None and "None" in alternatives(self.annotation))

    def _taken(self, value: Any) -> Any:
        return next((taken for kind in self._kinds if (taken := kind.take(value)) is not None), None)

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values that have a name of their own, among others or alone."""
        return tuple(choice for kind in self._kinds for choice in kind.choices)

    @property
    def wanted(self) -> str:
        """What may be told, in words."""
        return " or ".join(kind.words for kind in self._kinds)

    @property
    def _kinds(self) -> list[_Kind]:
        return [_Kind.of(text) for text in alternatives(self.annotation) if text != "None"]


def alternatives(annotation: str) -> list[str]:
    """The parts of a union.

    >>> alternatives("int | None")
    ['int', 'None']
    """
    node = ast.parse(annotation, mode="eval").body
    kinds: list[str] = []
    while isinstance(node, ast.BinOp):
        kinds.insert(0, ast.unparse(node.right))
        node = node.left
    return [ast.unparse(node), *kinds]


@dataclass(frozen=True)
class _Kind:
    """One alternative: a type by name, the values it is confined to, and the range that it keeps to."""

    type: str
    choices: tuple[Any, ...] = ()
    range: Range | None = None

    @classmethod
    def of(cls, text: str) -> _Kind:
        node = ast.parse(text, mode="eval").body
        if not isinstance(node, ast.Subscript):
            return cls(text, range=_OF_WEIGHTS if text == "Weight" else None)
        if ast.unparse(node.value) == "Literal":
            inside = ast.literal_eval(node.slice)
            return cls("Literal", inside if isinstance(inside, tuple) else (inside,))
        if ast.unparse(node.value) == "Annotated" and isinstance(node.slice, ast.Tuple):
            kind, said = node.slice.elts
            return cls(ast.unparse(kind), range=_range(said))
        return cls(text)

    @property
    def words(self) -> str:
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        if self.type == "Weight":
            return f"a number {self.range}, or a schedule such as '1 to 0.1 over 5000' or '0.5 every 8'"
        return f"{_WORDS[self.type]} {self.range}" if self.range else _PLAIN.get(self.type, self.type)

    def take(self, value: Any) -> Any:
        """`value` as this kind, or None where it does not fit."""
        taken = _choice(self.choices, value) if self.choices else _TAKERS.get(self.type, _nothing)(value)
        if taken is None or self.range is None or callable(taken):
            return taken
        return taken if all(number in self.range for number in _reach(taken)) else None


def _range(node: ast.expr) -> Range:
    assert isinstance(node, ast.Call)
    named = {one.arg: ast.literal_eval(one.value) for one in node.keywords if one.arg}
    return Range(*[ast.literal_eval(one) for one in node.args], **named)


def _choice(choices: tuple[Any, ...], value: Any) -> Any:
    return next((choice for choice in choices if str(value) == str(choice)), None)


def _bool(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


def _str(value: Any) -> str | None:
    plain = isinstance(value, str | int | float | os.PathLike) and not isinstance(value, bool)
    return str(value) if plain else None


def _array(value: Any) -> Any:
    return value if hasattr(value, "__array__") or isinstance(value, list | tuple) else None


def _told(value: Any) -> str:
    """A value in words, and where it goes if it is an array."""
    if not (shape := tuple(getattr(value, "shape", ()))):
        return quoted(value)
    return f"an array {shape}; arrays go first, before the options, which are names and labels"


def _int(value: Any) -> int | None:
    """A whole number; of a text, also one with an exponent, 1e6."""
    number = _float(value)
    if number is None or not number.is_integer():
        return None
    try:
        return int(value)
    except ValueError:
        return int(number)


def _float(value: Any) -> float | None:
    """A finite number."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _weight(value: Any) -> float | str | Callable[[int], float] | None:
    from saddlepoint.schedule import schedule

    if callable(value) or (number := _float(value)) is None:
        try:
            schedule(value)
        except BadOption:
            return None
        return value if callable(value) else str(value)
    return number


def _reach(taken: float | str) -> tuple[float, ...]:
    """The number, or between which ones a schedule lies."""
    from saddlepoint.schedule import reach

    return reach(taken) if isinstance(taken, str) else (taken,)


def _nothing(value: Any) -> Any:
    return None


_TAKERS: dict[str, Callable[[Any], Any]] = {
    "int": _int,
    "float": _float,
    "bool": _bool,
    "str": _str,
    "Array": _array,
    "Weight": _weight,
}
_WORDS = {"int": "a whole number", "float": "a number"}
_PLAIN = {
    "int": "a whole number",
    "float": "a finite number",
    "bool": "true or false",
    "str": "a text",
    "Array": "an array",
}
# A weight is an amount at every step.
_OF_WEIGHTS: Range = get_args(Amount)[1]
