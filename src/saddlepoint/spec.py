"""What one sample is (`Spec`), and the way between what networks see and the data's own units (`Units`).

Networks see samples scaled (images in [-1, 1], table columns standardised); `Units` lead back to the data's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from saddlepoint.errors import BadData
from saddlepoint.tabular.column import Column, Sheet

Keeps = Literal["nothing", "lightness", "places"]

# Of one sample; more are no sample but a mistake.
_MOST_NUMBERS = 2**32


@dataclass(frozen=True)
class Units:
    """The way between the data's own units and what networks see, `own = seen * scale + shift`.

    With `columns` the data is a table: `own` puts numbers back in their units, column by column, and gives a
    category as the index of its value, all in 64 bits. `limits` clamp the result: [0, 1] for images. `sheet` is what
    the table's file says beside its columns.
    """

    shift: float = 0.0
    scale: float = 1.0
    limits: tuple[float, float] | None = None
    columns: tuple[Column, ...] = ()
    sheet: Sheet | None = None

    def own(self, seen: Tensor) -> Tensor:
        """Samples in the data's own units: (B, ...) -> (B, ...), or (B, columns) for a table."""
        if self.columns:
            return self._table(seen)
        own = seen.float() * self.scale + self.shift
        return own.clamp(*self.limits) if self.limits else own

    def seen(self, own: Tensor) -> Tensor:
        """Samples as networks see them, from the data's own units: what `own` undoes."""
        if not self.columns:
            return (own - self.shift) / self.scale
        parts = [column.seen(values) for column, values in zip(self.columns, own.double().unbind(1), strict=True)]
        return torch.cat(parts, dim=1)

    def log_scale(self, shape: Sequence[int]) -> float:
        """log |det| of the map `own` of samples of `shape`: what it takes from a log-density, in nats."""
        if self.columns:
            return sum(math.log(column.std) for column in self.columns if not column.categories)
        return math.prod(shape) * math.log(self.scale)

    def _table(self, seen: Tensor) -> Tensor:
        parts = seen.double().split([column.width for column in self.columns], dim=1)
        own = {column.name: column.own(part) for column, part in zip(self.columns, parts, strict=True)}
        for number, flag in zip(self.columns, self.columns[1:], strict=False):
            if flag.of:
                own[number.name] = own[number.name].where(own[flag.name] == 0, number.filling)
        return torch.stack(list(own.values()), dim=1)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        plain = asdict(replace(self, columns=())) | {"columns": [column.as_dict() for column in self.columns]}
        return plain if self.sheet else {name: value for name, value in plain.items() if name != "sheet"}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Units:
        """Units from plain values; raises `KeyError` or `TypeError` for those of none."""
        limits = tuple(plain["limits"]) if plain["limits"] else None
        sheet = Sheet.from_dict(plain["sheet"]) if plain.get("sheet") else None
        return cls(plain["shift"], plain["scale"], limits, tuple(map(Column.from_dict, plain["columns"])), sheet)


IMAGE_UNITS = Units(shift=0.5, scale=0.5, limits=(0.0, 1.0))


@dataclass(frozen=True)
class Spec:
    """What one sample x is, and what it is asked for by: y.

    `shape` is (C, H, W) for images and (D,) for vectors; `classes` are the labels' names, empty without labels, and
    `shares` how much of the data each is; `bounds` are the least and greatest value that networks see, None where
    there are none; `simplexes` are the column ranges [start, stop) of a vector that are one-hot categories. `words`
    are what samples that are texts are made of: their numbers are places among these. `given` is what else than a label
    a sample is asked for by: y (B, *given.shape), of which a sample `keeps` its "lightness", or its "places" that are
    not transparent. `units` lead to the data's own.
    """

    shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    bounds: tuple[float, float] | None = None
    simplexes: tuple[tuple[int, int], ...] = ()
    words: tuple[str, ...] = ()
    given: Spec | None = None
    keeps: Keeps = "nothing"
    units: Units = field(default_factory=Units)

    @property
    def is_image(self) -> bool:
        return len(self.shape) == 3

    @property
    def size(self) -> int:
        """How many numbers a sample has."""
        return math.prod(self.shape)

    def at_most(self, size: int, what: str) -> Spec:
        """This spec; raises `BadData` when a sample has more numbers than `what` can take."""
        if self.size > size:
            raise BadData(
                f"{what} wants samples of at most {size:,} numbers, got {' x '.join(map(str, self.shape))} "
                f"= {self.size:,}; shrink them (--data.size), or take another game, such as gan or vae"
            )
        return self

    @property
    def unasked(self) -> Spec:
        """The same samples, asked for by nothing."""
        return replace(self, classes=(), shares=(), given=None, keeps="nothing")

    @property
    def unlabelled(self) -> Spec:
        """The same samples without classes."""
        return replace(self, classes=(), shares=())

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, the units apart; of what was not always there only what says something."""
        always = {name: getattr(self, name) for name in _ALWAYS}
        told: dict[str, Any] = {"words": self.words} if self.words else {}
        if self.given:
            told["given"] = self.given.as_dict() | {"units": self.given.units.as_dict()}
        return always | told | ({"keeps": self.keeps} if self.keeps != "nothing" else {})

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], units: Units | None = None) -> Spec:
        """A spec from plain values; raises `ValueError`, `TypeError` or `KeyError` for those of none."""
        given = plain.get("given")
        spec = cls(
            tuple(int(side) for side in plain["shape"]),
            tuple(str(name) for name in plain["classes"]),
            tuple(float(share) for share in plain["shares"]),
            tuple(float(bound) for bound in plain["bounds"]) if plain["bounds"] else None,  # type: ignore[arg-type]
            tuple((int(start), int(stop)) for start, stop in plain["simplexes"]),
            tuple(str(word) for word in plain.get("words", ())),
            cls.from_dict(given, Units.from_dict(given["units"])) if given else None,
            plain.get("keeps", "nothing"),
            units or Units(),
        )
        _refuse_unsound(spec)
        return spec


_ALWAYS = ("shape", "classes", "shares", "bounds", "simplexes")


def _refuse_unsound(spec: Spec) -> None:
    """Raises `ValueError` for what contradicts itself."""
    if len(spec.shape) not in (1, 3, 4) or min(spec.shape) < 1 or spec.size > _MOST_NUMBERS:
        raise ValueError(f"wanted a shape (D,), (C, H, W) or (T, C, H, W), got {spec.shape}")
    if not all(0 <= start < stop <= spec.shape[0] for start, stop in spec.simplexes):
        raise ValueError(f"wanted one-hot columns among {spec.shape[0]}, got {spec.simplexes}")
    if len(spec.shares) != len(spec.classes) or not all(share >= 0 for share in spec.shares):
        raise ValueError(f"wanted a share for each of {len(spec.classes)} classes, got {spec.shares}")
    if spec.given and (spec.classes or spec.given.given):
        raise ValueError("wanted classes or what else is given, got both")
    if spec.keeps not in get_args(Keeps):
        raise ValueError(f"wanted one of {', '.join(get_args(Keeps))} that is kept, got {spec.keeps!r}")


class Asked:
    """A module that is asked by what is `given`, None where that is nothing or a label."""

    given: Spec | None = None


class Takes:
    """A module that was built for samples of a `spec`, as networks see them."""

    spec: Spec
