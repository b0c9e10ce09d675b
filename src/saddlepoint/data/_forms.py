"""In which form the cells of a column are written, told from the cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import NamedTuple

from saddlepoint.form import DateForm, Form, NumberForm

_SIGNS = "$€£¥"
_AROUND = re.compile(rf"[+-]?(?P<before>[{_SIGNS}]?\s?)[+-]?[0-9.](?:.*[0-9.])?(?P<after>\s?[%‰{_SIGNS}]?)")
_THOUSANDS = (",", ".", " ", "\u00a0", "\u202f", "'", "’")


class Reading(NamedTuple):
    """What a form makes of the different texts of a column: their `values`, None where it cannot read one."""

    form: Form
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


def read(form: Form, cells: Iterable[str]) -> Reading:
    """What a form makes of these texts."""
    return Reading(form, form.values(cells))


def plain(cells: Mapping[str, int]) -> Reading:
    """What texts are as numbers with a decimal point, and perhaps a sign of money or percent."""
    return read(NumberForm(*_around(cells)), cells)


def numbers(cells: Mapping[str, int]) -> list[Reading]:
    """How texts may be numbers, by every form that reads most of them; one for each meaning, the plainest first."""
    used = set("".join(cells))
    forms = [NumberForm(*_around(cells))]
    for point, thousands in product((".", ","), ("", *_THOUSANDS)):
        if point != thousands and (thousands in used if thousands else point in used):
            forms.append(replace(forms[0], point=point, thousands=thousands))
    return _best(forms, cells)


def _around(cells: Iterable[str]) -> tuple[str, str]:
    """What stands before and after the figures of the first texts, mostly."""
    found = [match.groups() for cell in islice(cells, _TRIED) if (match := _AROUND.fullmatch(cell))]
    before, after = Counter(found).most_common(1)[0][0] if found else ("", "")
    return before, after


def dates(cells: Mapping[str, int], patterns: Sequence[str]) -> list[Reading]:
    """How texts may be dates, by those of the patterns that read most of them; one for each meaning."""
    some = list(islice(cells, _TRIED))
    tails = {found[1] for cell in some if (found := _ZONE.search(cell))}
    tried = dict.fromkeys(pattern + tail for pattern in patterns for tail in ("", *tails))
    fitting = [form for form in map(DateForm, tried) if any(form.value(cell) is not None for cell in some)]
    return [reading._replace(form=_as_written(reading)) for reading in _best(fitting, cells)]


def _best(forms: Sequence[Form], cells: Mapping[str, int]) -> list[Reading]:
    readings = [read(form, cells) for form in forms]
    most = max((reading.share(cells) for reading in readings), default=0)
    found: list[Reading] = []
    for reading in readings:
        if most and reading.share(cells) == most and all(reading.values != other.values for other in found):
            found.append(reading)
    return found


def _as_written(reading: Reading) -> DateForm:
    """The form of dates under which most cells are written as they came."""
    assert isinstance(reading.form, DateForm)
    known = {cell: value for cell, value in reading.values.items() if value is not None}
    digits = max((len(found[1]) for cell in known if (found := _FRACTION.search(cell))), default=0)
    forms = [replace(reading.form, padded=padded, digits=digits) for padded in (True, False)]
    return max(forms, key=lambda form: sum(form.cell(value) == cell for cell, value in known.items()))


def written(form: NumberForm, cells: Collection[str]) -> tuple[NumberForm, int]:
    """A form with as many digits as all of these numbers have after the point, and how many decimals they need."""
    needed, digits = form.decimals(cells)
    return replace(form, digits=digits), needed


def _patterns(days: Sequence[str], joints: str) -> Iterator[str]:
    for day in days:
        yield day
        for joint, time in product(joints, _TIMES):
            yield f"{day}{joint}{time}"


_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
_WORDS = ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y")
_ORDERS = ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y")
#: What dates are told by: of `_ORDERS` two may fit, and then nobody can tell.
PATTERNS = (*_patterns(["%Y-%m-%d"], " T"), *_patterns(["%Y/%m/%d", "%Y.%m.%d", *_ORDERS, *_WORDS], " "))
ISO = DateForm("%Y-%m-%d")
#: What may be dates as well as something else, and is taken for dates where the user says so.
DOUBTFUL = ("%Y%m%d", "%Y-%m", "%Y/%m", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%y-%m-%d", "%Y")
_ZONE, _FRACTION, _TRIED = re.compile(r":\d\d(?:\.\d+)?(Z|[+-]\d\d:?\d\d)$"), re.compile(r":\d\d\.(\d{1,6})"), 5
