"""In which form the cells of a column are written, told from the cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice, product
from typing import NamedTuple

from saddlepoint.tabular.notation import DateNotation, Notation, NumberNotation

_SIGNS = "$€£¥"
_UNIT = rf"\s?(?:[%‰{_SIGNS}]|[A-Za-z°µμ²³/]{{1,6}})?"
_AROUND = re.compile(rf"[+-]?((?:[A-Z]{{3}}\s|[{_SIGNS}])?\s?)[+-]?[0-9.](?:.*[0-9.])?({_UNIT})")
# What is negative beside -5: a minus that is none in ASCII, as accountants write it, behind the figures.
_MINUSES = {"−#": re.compile("−.+"), "(#)": re.compile(r"\(.+\)"), "#-": re.compile("[^-].*-")}
_THOUSANDS = (",", ".", " ", "\u00a0", "\u202f", "'", "’")


class Reading(NamedTuple):
    """What a form makes of the different texts of a column: their `values`, None where it cannot read one."""

    form: Notation
    values: dict[str, float | None]

    def share(self, cells: Mapping[str, int]) -> float:
        """The share of cells that are read."""
        if None not in self.values.values():
            return 1.0
        return sum(count for cell, count in cells.items() if self.values[cell] is not None) / sum(cells.values())

    @property
    def unread(self) -> str:
        """A text that cannot be read."""
        return next(cell for cell, value in self.values.items() if value is None)


def read(form: Notation, cells: Iterable[str]) -> Reading:
    """What a form makes of these texts."""
    return Reading(form, form.values(cells))


def plain(cells: Mapping[str, int]) -> Reading:
    """What texts are as numbers with a decimal point, and perhaps with a sign of money, percent or a unit."""
    return read(NumberNotation(*_around(cells)), cells)


def numbers(cells: Mapping[str, int]) -> list[Reading]:
    """How texts may be numbers, by every form that reads most of them; one for each meaning, the plainest first."""
    used = set("".join(cells))
    forms = [NumberNotation(*_around(cells))]
    for point, thousands in product((".", ","), ("", *_THOUSANDS)):
        if point != thousands and (thousands in used if thousands else point in used):
            forms.append(replace(forms[0], point=point, thousands=thousands))
    minuses = ["-#", *(minus for minus, shown in _MINUSES.items() if any(map(shown.fullmatch, cells)))]
    return _best([replace(form, minus=minus) for minus in minuses for form in forms], cells)


def _around(cells: Iterable[str]) -> tuple[str, str]:
    """What stands before and after the figures of the first texts, mostly."""
    sizes = (cell.strip("()−-") for cell in islice(cells, _TRIED))
    found = [match.groups() for size in sizes if (match := _AROUND.fullmatch(size))]
    before, after = Counter(found).most_common(1)[0][0] if found else ("", "")
    return before, after


def dates(cells: Mapping[str, int], patterns: Sequence[str]) -> list[Reading]:
    """How texts may be dates, by those of the patterns that read most of them; one for each meaning."""
    some = list(islice(cells, _TRIED))
    tails = {f"{found[1]}%z" for cell in some if (found := _ZONE.search(cell))}
    tried = dict.fromkeys(pattern + tail for pattern in patterns for tail in ("", *tails))
    fitting = [form for form in map(DateNotation, tried) if any(form.value(cell) is not None for cell in some)]
    return [_as_written(_in_century(reading), cells) for reading in _best(fitting, cells)]


def _in_century(reading: Reading) -> Reading:
    """Dates with years of two figures as those of a hundred years of which they fill few, and none is to come."""
    form = reading.form
    assert isinstance(form, DateNotation)
    if "%y" not in form.pattern:
        return reading
    years = {form.moment(value).year % 100 for value in reading.values.values() if value is not None}
    return read(replace(form, first=_first(years, date.today().year)), reading.values)


def _first(years: Collection[int], now: int) -> int:
    """The first of the hundred years that years of two figures are counted in; what is free of them is on both sides.

    >>> _first({40, 70, 99, 3}, 2026), _first({23, 25}, 2026), _first({30, 31}, 2026)
    (1922, 1975, 1881)
    """
    spans = {year: max((other - year) % 100 for other in years) for year in years}
    starts = {year: now - span - (now - span - year) % 100 for year, span in spans.items()}
    start = min(years, key=lambda year: (spans[year], -starts[year]))
    return starts[start] - (99 - spans[start]) // 2


def _best(forms: Sequence[Notation], cells: Mapping[str, int]) -> list[Reading]:
    readings = [read(form, cells) for form in forms]
    most = max((reading.share(cells) for reading in readings), default=0)
    found: list[Reading] = []
    for reading in readings:
        if most and reading.share(cells) == most and all(reading.values != other.values for other in found):
            found.append(reading)
    return found


def _as_written(reading: Reading, cells: Mapping[str, int]) -> Reading:
    """With the form of dates under which most cells are written as they came."""
    assert isinstance(reading.form, DateNotation)
    known = {cell: value for cell, value in reading.values.items() if value is not None}
    digits = max((len(found[1]) for cell in known if (found := _FRACTION.search(cell))), default=0)
    zones = Counter[str]()
    for cell in known:
        if found := _ZONE.search(cell):
            zones[found[2]] += cells[cell]
    zone = zones.most_common(1)[0][0] if zones else reading.form.zone
    forms = [replace(reading.form, padded=padded, digits=digits, zone=zone) for padded in (True, False)]
    form = max(forms, key=lambda form: sum(form.cell(value) == cell for cell, value in known.items()))
    return reading._replace(form=form)


def written(form: NumberNotation, cells: Collection[str]) -> tuple[NumberNotation, int]:
    """A form with the digits that these numbers have, and how many decimals they need."""
    return form.as_written(cells), form.decimals(cells)[0]


def _patterns(days: Sequence[str], joints: str) -> Iterator[str]:
    for day in days:
        yield day
        for joint, time in product(joints, _TIMES):
            yield f"{day}{joint}{time}"


_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
_WORDS = ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%b %d %Y")
_ORDERS = ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y")
#: What dates are told by: of `_ORDERS` two may fit, and then nobody can tell.
PATTERNS = (*_patterns(["%Y-%m-%d"], " T"), *_patterns(["%Y/%m/%d", "%Y.%m.%d", *_ORDERS, *_WORDS], " "))
ISO = DateNotation("%Y-%m-%d")
#: What may be dates as well as something else, and is taken for dates where the user says so.
DOUBTFUL = (
    *("%Y%m%d", "%Y-%m", "%Y/%m", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%d.%m.%y", "%y-%m-%d"),
    *("%d-%b-%y", "%d %b %y", "%b %d, %y", "%b-%y", "%b %Y", "%Y"),
)
_ZONE, _FRACTION, _TRIED = re.compile(r":\d\d(?:\.\d+)?(\s?)(Z|[+-]\d\d:?\d\d)$"), re.compile(r":\d\d\.(\d{1,6})"), 5
