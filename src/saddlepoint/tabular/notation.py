"""How the cells of a table's column are written: which value a text has, and which text a value gets."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any


class Notation(ABC):
    """One way to write numbers."""

    @abstractmethod
    def value(self, cell: str) -> float | None:
        """The value of a text, None where it is not written in this form."""

    def values(self, cells: Iterable[str]) -> dict[str, float | None]:
        """The values of texts."""
        return {cell: self.value(cell) for cell in cells}

    @abstractmethod
    def cell(self, value: float) -> str:
        """The text of a finite value, as `value` reads it."""

    @property
    def kind(self) -> str:
        """What the values are, in words."""
        return "number"

    @property
    def wanted(self) -> str:
        """What a cell must be, in words."""
        return "a number"


@dataclass(frozen=True)
class NumberNotation(Notation):
    """Figures with signs `before` or `after` them, a decimal `point`, `thousands` between groups of three.

    At least so many `digits` follow the point, and `width` figures stand before it. `minus` shows what is negative, #
    being its size; where `inner` it stands behind what is before. `power` is the letter of powers of ten, of all
    numbers where `always`, else of tiny and huge ones. Only the figures 0 to 9 count.
    """

    before: str = ""
    after: str = ""
    point: str = "."
    thousands: str = ""
    digits: int = 0
    width: int = 0
    minus: str = "-#"
    inner: bool = False
    power: str = ""
    always: bool = False

    def values(self, cells: Iterable[str]) -> dict[str, float | None]:
        cells = list(cells)
        # Of these characters alone float() reads what `value` reads, in a fraction of the time.
        plain = replace(self, digits=0, width=0, power="", always=False) == NumberNotation()
        if plain and set("".join(cells)) <= set("0123456789.+-eE"):
            return {cell: _float(cell) for cell in cells}
        return super().values(cells)

    def value(self, cell: str) -> float | None:
        left, right = self.minus.split("#")
        size = cell.removeprefix(left).removesuffix(right)
        if self.minus == "-#" or f"{left}{size}{right}" != cell:
            return self._value(cell)
        value = self._value(size) if size[:1] not in ("+", "-") else None
        return None if value is None else -value

    def _value(self, cell: str) -> float | None:
        found = _pattern(self.before, self.after, self.point, self.thousands).fullmatch(cell)
        if found is None:
            return None
        sign, more, figures = found.groups()
        if self.point == "." and not (more or self.thousands):
            return float(sign + figures)
        if sign and more:
            return None
        plain = figures.replace(self.thousands, "") if self.thousands else figures
        return float(sign + more + plain.replace(self.point, "."))

    def cell(self, value: float) -> str:
        size = f"{self._size(abs(value))}{self.after}"
        if self.inner and value < 0:
            return f"{self.before}-{size}"
        shown = f"{self.before}{size}"
        return self.minus.replace("#", shown) if value < 0 else shown

    def _size(self, size: float) -> str:
        if self.power and (self.always or (size and not 1e-4 <= size < 1e16)):
            plain = f"{size:.{self.digits}e}" if self.always else repr(size)
            return plain.replace(".", self.point).replace("e", self.power)
        whole, _, fraction = f"{Decimal(repr(size)):f}".partition(".")
        fraction = fraction.rstrip("0").ljust(self.digits, "0")
        grouped = f"{int(whole):,}".replace(",", self.thousands) if self.thousands else whole.zfill(self.width)
        return f"{grouped}{self.point}{fraction}" if fraction else grouped

    def as_written(self, cells: Collection[str]) -> NumberNotation:
        """This form with the digits, width, powers and place of a minus that these texts of numbers have."""
        inner = bool(self.before) and any(cell.startswith(f"{self.before}-") for cell in cells)
        return replace(self._with_digits(cells), inner=inner)

    def _with_digits(self, cells: Collection[str]) -> NumberNotation:
        powers = [found for found in map(_POWER.search, cells) if found]
        if powers:
            always = len(powers) == len(cells)
            digits = max(len(found[1] or "") for found in powers) if always else 0
            return replace(self, digits=digits, power=powers[0][2], always=always)
        wholes = [found[0] for found in map(_WHOLE.search, cells) if found]
        padded = any(whole[0] == "0" and len(whole) > 1 for whole in wholes)
        return replace(self, digits=self.decimals(cells)[1], width=min(map(len, wholes)) if padded else 0)

    def decimals(self, cells: Collection[str]) -> tuple[int, int]:
        """How many figures after the point these texts of numbers need, and how many all of them have at least."""
        text = "\n".join(cells)
        if _POWER.search(text):
            return max(map(self._needed, cells)), 0
        fractions = re.findall(rf"{re.escape(self.point)}([0-9]*)", text)
        if not fractions:
            return 0, 0
        digits = min(map(len, fractions)) if len(fractions) == len(cells) else 0
        return max(len(fraction.rstrip("0")) for fraction in fractions), digits

    def _needed(self, cell: str) -> int:
        found = _POWER.search(cell)
        fraction = found[1] or "" if found else re.split("[^0-9]", cell.partition(self.point)[2])[0]
        return max(0, len(fraction.rstrip("0")) - (int(found[3][:_LONG]) if found else 0))


_POWER = re.compile(r"[0-9](?:[.,]([0-9]*))?([eE])([+-]?[0-9]+)")
_WHOLE = re.compile("[0-9]+")
# More figures of a power change nothing, and int() takes no thousands of them.
_LONG = 9


def _float(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


@cache
def _pattern(before: str, after: str, point: str, thousands: str) -> re.Pattern[str]:
    """Both signs of a number that has something before it, and its figures."""
    whole = f"(?:0|[1-9][0-9]{{0,2}}(?:{re.escape(thousands)}[0-9]{{3}})*)" if thousands else "[0-9]*"
    power = "" if thousands else r"(?:[eE][+-]?[0-9]+)?"
    figures = rf"(?={re.escape(point)}?[0-9]){whole}(?:{re.escape(point)}[0-9]*)?{power}"
    infinite = "" if before or after or thousands else "|(?i:inf|infinity)"
    return re.compile(
        rf"([+-]?){re.escape(before)}({'[+-]?' if before else ''})({figures}{infinite}){re.escape(after)}"
    )


@dataclass(frozen=True)
class DateNotation(Notation):
    """Dates by a `pattern` of strptime's: days, minutes or seconds since 1970, by the finest that it holds.

    Months, days and hours have two figures where they are `padded`; seconds have `digits` after their point. Years of
    two figures are those from the year `first` on. Times with an offset (%z) are instants, written in that of `zone`.
    """

    pattern: str
    padded: bool = True
    digits: int = 0
    first: int = 1969
    zone: str = "Z"

    @property
    def kind(self) -> str:
        return {86400: "days since 1970", 60: "minutes since 1970", 1: "seconds since 1970"}[self.unit]

    @property
    def wanted(self) -> str:
        return f"a date as {self.pattern}"

    @property
    def unit(self) -> int:
        """How many seconds one is."""
        if "%S" in self.pattern:
            return 1
        return 60 if "%M" in self.pattern else 86400

    def value(self, cell: str) -> float | None:
        # strptime takes the figures of every script.
        if not cell.isascii():
            return None
        try:
            gone = self._in_century(datetime.strptime(cell, self.pattern)) - _EPOCH
        except (ValueError, OverflowError):
            return None
        return (gone.days * 86400 + gone.seconds + gone.microseconds / 1e6) / self.unit

    def _in_century(self, moment: datetime) -> datetime:
        """A moment read by strptime, with the year that is meant, in Greenwich."""
        if "%y" in self.pattern:
            moment = moment.replace(year=self.first + (moment.year - self.first) % 100)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment

    def moment(self, value: float) -> datetime:
        """When a value is, by the clocks of the zone."""
        offset = datetime.strptime(self.zone, "%z").utcoffset() if "%z" in self.pattern else None
        return _EPOCH + timedelta(microseconds=round(value * self.unit * 1e6)) + (offset or timedelta())

    def cell(self, value: float) -> str:
        moment = self.moment(value)
        return re.sub("%(.)", lambda code: self._part(moment, code[0]), self.pattern)

    def _part(self, moment: datetime, code: str) -> str:
        if code == "%f":
            return f"{moment.microsecond:06}"[: self.digits]
        if code == "%z":
            return self.zone
        # C libraries differ in how they write the year 800.
        shown = f"{moment.year:04}" if code == "%Y" else moment.strftime(code)
        return shown if self.padded or code not in _PADDED else shown.lstrip("0") or "0"


_EPOCH = datetime(1970, 1, 1)
_PADDED = {"%d", "%m", "%H", "%I"}


def is_pattern(text: str) -> bool:
    """Whether a text is a pattern that dates can be read and written by."""
    codes = re.findall("%.?", text)
    return bool(codes) and set(codes) <= _CODES and len(set(codes)) == len(codes)


_CODES = {f"%{code}" for code in "YymdbBHIpMSfz"}


def notation_from(plain: Mapping[str, Any]) -> Notation:
    """The form whose fields are these."""
    return DateNotation(**plain) if "pattern" in plain else NumberNotation(**plain)
