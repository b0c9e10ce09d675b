"""What each column of a table is: said by the user, or told from its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

from saddlepoint.data import _notations
from saddlepoint.data._cells import Cells
from saddlepoint.data._notations import Reading
from saddlepoint.errors import BadData, BadOption
from saddlepoint.tabular.column import Column
from saddlepoint.tabular.notation import DateNotation, NumberNotation, is_pattern

_MOST, _MOST_SAID = 100, 1000
_NEARLY_ALL = 0.9
_MANY = 10


@dataclass(frozen=True)
class Said:
    """What the user says of columns: which are what, the pattern of `dates` where he gives it, the decimal `point`."""

    categories: Sequence[str] = ()
    numbers: Sequence[str] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    point: str | None = None

    def __post_init__(self) -> None:
        named = [*self.categories, *self.numbers, *self.dates]
        twice = next((name for name in named if named.count(name) > 1), None)
        if twice is not None:
            raise BadOption(
                f"column {twice!r} is named twice in --data.categories, numbers and dates; take one of them"
            )
        for name, pattern in self.dates.items():
            if pattern and not is_pattern(pattern):
                raise BadOption(
                    f"--data.dates {name}={pattern}: wanted a pattern such as %d/%m/%Y or %Y-%m-%d %H:%M:%S"
                )


def kinds_of(cells: Cells, names: Sequence[str], said: Said) -> list[Column]:
    """The columns of these names, without what only their values tell."""
    known = [*said.categories, *said.numbers, *said.dates]
    if gone := [name for name in names if not cells.present(name)]:
        columns, them = ("columns", "them") if len(gone) > 1 else ("column", "it")
        where = f"{cells.where}, {columns} {', '.join(map(repr, gone))}"
        drop = quote(",".join(gone))
        raise BadData(f"{where}: every cell is missing; leave {them} out with --data.drop {drop}")
    readings = {name: _readings(cells, name, said) for name in names if name not in known or name in said.numbers}
    point = said.point or _usual_point(readings)
    return [_kind(cells, name, said, readings.get(name, []), point) for name in names]


def _kind(cells: Cells, name: str, said: Said, readings: list[Reading], point: str | None) -> Column:
    if name in said.categories:
        return Column(name, categories=cells.kinds(name, cells.values(name), _MOST_SAID, _dropped(name)))
    if name in said.dates:
        return _dates(
            cells, name, [said.dates[name]] if said.dates[name] else [*_notations.PATTERNS, *_notations.DOUBTFUL]
        )
    if readings and (point == "," or (point is None and cells.delimiter == ";")):
        # A point may stand between thousands.
        readings = _notations.numbers(cells.present(name))
    read = readings and _share(cells, name, readings) >= _NEARLY_ALL and not _may_be_words(readings[0])
    if read or name in said.numbers:
        return _numbers(cells, name, readings, point)
    dated = _notations.dates(cells.present(name), _notations.PATTERNS)
    if dated and _share(cells, name, dated) >= _NEARLY_ALL:
        return _dates(cells, name, _notations.PATTERNS)
    return Column(name, categories=cells.kinds(name, cells.values(name), _MOST, _otherwise(cells, name)))


def _may_be_words(reading: Reading) -> bool:
    """Whether texts may well be names that hold a figure, such as 2WD and 4WD: few, whole, and with letters."""
    assert isinstance(reading.form, NumberNotation)
    lettered = re.search("[A-Za-z]", reading.form.before + reading.form.after)
    return bool(lettered) and len(reading.values) < _MANY and not any(re.search("[.,]", one) for one in reading.values)


def _dropped(name: str) -> str:
    return f"leave it out with --data.drop {quote(name)}"


def _otherwise(cells: Cells, name: str) -> str:
    """What may be done about a column of too many categories."""
    present = cells.present(name)
    works = {
        "numbers": may_be_numbers(present),
        "dates": _all_read(present, _notations.dates(present, _notations.DOUBTFUL)),
        "categories": len(cells.values(name)) <= _MOST_SAID,
    }
    ways = " or ".join(f"--data.{way} {quote(name)}" for way, working in works.items() if working)
    return f"{_dropped(name)}, or say what it is: {ways}" if ways else _dropped(name)


def _as_categories(cells: Cells, name: str) -> str:
    """What takes a column as it is, or leaves it out where it has too many values."""
    way = "categories" if len(cells.values(name)) <= _MOST_SAID else "drop"
    return f"--data.{way} {quote(name)}"


def codes(texts: Iterable[str]) -> str:
    """Why texts of figures are no numbers, empty where they may be."""
    found = next((found for text in texts if (found := _CODE.fullmatch(text))), None)
    if found is None:
        return ""
    return "leading zeros" if found[1].startswith("0") else "more figures than a number holds"


_CODE = re.compile(r"(?:[A-Z]{3}\s)?[^0-9A-Za-z]*(0[0-9]+|[0-9]{16,})\D{0,7}")


def may_be_numbers(present: Mapping[str, int]) -> bool:
    """Whether texts can be taken for numbers, and nothing of them is lost."""
    readings = _notations.numbers(present)
    return _all_read(present, readings) and _spoilt(readings[0]) is None


def _all_read(present: Mapping[str, int], readings: Sequence[Reading]) -> bool:
    return bool(readings) and readings[0].share(present) == 1


def _spoilt(reading: Reading) -> str | None:
    """A text that is another one as a number: too long for 64 bits, or with zeros that no number has."""
    assert isinstance(reading.form, NumberNotation)
    form = reading.form.as_written(reading.values)
    for text, value in reading.values.items():
        if value is not None and _CODE.fullmatch(text) and (abs(value) > 2**53 or form.cell(value) != text):
            return text
    return None


def _readings(cells: Cells, name: str, said: Said) -> list[Reading]:
    """How a column may be read as numbers."""
    present = cells.present(name)
    if name not in said.numbers and codes(present):
        return []
    plain = _notations.plain(present)
    return [plain] if plain.share(present) == 1 else _notations.numbers(present)


def _usual_point(readings: Mapping[str, list[Reading]]) -> str | None:
    """The decimal point of the columns where there is no doubt; None where they tell nothing, or differ."""
    sure = [found[0].form for found in readings.values() if len(found) == 1 and _shows_point(found[0])]
    points = {form.point for form in sure if isinstance(form, NumberNotation)}
    return points.pop() if len(points) == 1 else None


def _shows_point(reading: Reading) -> bool:
    """Whether a text has a decimal point that cannot stand between thousands."""
    assert isinstance(reading.form, NumberNotation)
    point = reading.form.point
    grouped = re.compile(rf"\D*[1-9][0-9]{{0,2}}(?:{re.escape(point)}[0-9]{{3}})+\D*")
    shown = (cell for cell, value in reading.values.items() if value is not None and point in cell)
    return any(reading.form.thousands or not grouped.fullmatch(cell) for cell in shown)


def _share(cells: Cells, name: str, readings: list[Reading]) -> float:
    return readings[0].share(cells.present(name))


def _numbers(cells: Cells, name: str, readings: list[Reading], point: str | None) -> Column:
    fitting = [one for one in readings if isinstance(one.form, NumberNotation) and one.form.point == point] or readings
    if not fitting or _share(cells, name, fitting) < 1:
        unread = fitting[0].unread if fitting else next(iter(cells.present(name)))
        place = cells.by_column[name].index(unread)
        raise cells.bad(name, place, "a number", f"; mend it, or give {_as_categories(cells, name)}")
    _sure(cells, name, fitting, f"--data.decimal comma or point, or {_as_categories(cells, name)}")
    if (spoilt := _spoilt(fitting[0])) is not None:
        place, why = cells.by_column[name].index(spoilt), codes([spoilt])
        advice = f", a code with {why}, which would be lost; give {_as_categories(cells, name)}"
        raise cells.bad(name, place, "a number", advice)
    return Column(name, form=fitting[0].form, missing=cells.missing(name))


def _dates(cells: Cells, name: str, patterns: Sequence[str]) -> Column:
    fitting = _notations.dates(cells.present(name), patterns)
    if not fitting or _share(cells, name, fitting) < 1:
        unread = fitting[0].unread if fitting else next(iter(cells.present(name)))
        wanted = fitting[0].form.wanted if fitting else "a date"
        advice = f"; mend it, or give --data.dates {quote(f'{name}=PATTERN')} or {_as_categories(cells, name)}"
        raise cells.bad(name, cells.by_column[name].index(unread), wanted, advice)
    ways = " or ".join(f"{name}={one.form.pattern}" for one in fitting if isinstance(one.form, DateNotation))
    _sure(cells, name, fitting, f"--data.dates {ways}, or {_as_categories(cells, name)}")
    return Column(name, form=fitting[0].form, missing=cells.missing(name))


def _sure(cells: Cells, name: str, readings: Sequence[Reading], ways: str) -> None:
    """Raises `BadData` for a column that may be read in two ways, naming a cell where they differ."""
    if len(readings) > 1:
        one, other = readings[:2]
        cell = next(cell for cell, value in one.values.items() if value != other.values[cell])
        place = f"row {cells.rows[cells.by_column[name].index(cell)]}, column {name!r}"
        shown = " or ".join(_meaning(reading, cell) for reading in (one, other))
        raise BadData(f"{cells.where}, {place}: {cell!r} may be {shown}, and no cell tells; say which: {ways}")


def _meaning(reading: Reading, cell: str) -> str:
    value = reading.values[cell]
    assert value is not None
    if isinstance(reading.form, DateNotation):
        return _notations.ISO.cell(value * reading.form.unit / 86400)
    return NumberNotation().cell(value)
