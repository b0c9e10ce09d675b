"""What a user can mend: each error is one line that says what was wanted, what came, and what to do.

The command prints that line on stderr and exits with status 2. Anything else is a bug and shows its traceback.

SaddlepointError
├── UnknownName     a name nobody registered; names the nearest
├── BadOption       an option that does not exist or a value it cannot take
├── BadData         a file, image, table or array that cannot be trained on; names the file
├── Unfit           a metric that cannot be had of these samples, this model or this reference
├── BadRun          a run folder or checkpoint that cannot be used
├── Diverged        training met only non-finite values
└── Broken          a law that something, perhaps of one's own, does not keep
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable


class SaddlepointError(Exception):
    """Base of everything a user can mend."""


class UnknownName(SaddlepointError, LookupError):
    """A name that nobody registered."""


class BadOption(SaddlepointError, ValueError):
    """An option that does not exist, or a value that it cannot take."""


class BadData(SaddlepointError, ValueError):
    """Data that cannot be trained on."""


class Unfit(SaddlepointError, ValueError):
    """A metric that cannot be had of these samples, this model or this reference."""


class BadRun(SaddlepointError, RuntimeError):
    """A run folder or checkpoint that cannot be used."""


class Diverged(SaddlepointError, ArithmeticError):
    """Training that met only non-finite values."""


class Broken(SaddlepointError, AssertionError):
    """A law that something does not keep: what was wanted, and what came."""


def quoted(value: object) -> str:
    """A value as it was told, cut where it is long.

    >>> quoted("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'"
    """
    told = " ".join(line.strip() for line in repr(value).splitlines())
    return told if len(told) <= _LONG else f"{told[: _LONG - 1]}...{told[-1]}"


_LONG = 61


def one_line(said: object) -> str:
    """What was said, an error or a text, in one line; an error that says nothing by its kind.

    >>> one_line(ValueError("sizes" + chr(10) + "  must match")), one_line(MemoryError())
    ('sizes must match', 'MemoryError')
    """
    return " ".join(str(said).split()) or type(said).__name__


def few(names: Collection[str]) -> str:
    """The first three of some names.

    >>> few({"c", "a", "d", "b"})
    'a, b, c, ...'
    """
    return ", ".join(sorted(names)[:3]) + (", ..." if len(names) > 3 else "")


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The sentence for a name that is not known: the nearest one, or all of them.

    >>> unknown("objective", "wgan_pg", ["hinge", "wgan_gp"])
    "objective 'wgan_pg' is not known; did you mean 'wgan_gp'?"
    >>> unknown("objective", "qqq", ["hinge", "wgan_gp"])
    "objective 'qqq' is not known; there are: hinge, wgan_gp"
    >>> unknown("column", "qqq", ["age", "Height, cm"])
    "column 'qqq' is not known; there are: 'Height, cm', age"
    """
    from difflib import get_close_matches

    known = sorted(known)
    near = get_close_matches(name, known, n=1)
    rest = f"did you mean {near[0]!r}?" if near else f"there are: {listed(known) or 'none'}"
    return f"{kind} {quoted(name)} is not known; {rest}"


def listed(names: Iterable[str]) -> str:
    """Names in a row, divided by commas; in quotes are those that hold more than letters, figures and _ . -"""
    return ", ".join(name if re.fullmatch(r"[\w.-]+", name) else repr(name) for name in names)


def shown(text: str) -> str:
    """`text` for a terminal: what would steer it is written out, whoever named the file, the class or the metric.

    >>> print(shown("runs/a" + chr(27) + "[2J"))
    runs/a\\x1b[2J
    """
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


# Control characters but for tabs and ends of lines, those that turn the direction of writing, and bytes of no text.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
