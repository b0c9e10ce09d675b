"""A table's columns: the way between their own values, what networks see, and the cells of a file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from saddlepoint.tabular.notation import Notation, NumberNotation, notation_from

_PLAIN = NumberNotation()
_ALWAYS = ("name", "mean", "std", "categories")


@dataclass(frozen=True)
class Column:
    """A number with its mean and standard deviation, or a category with its values.

    Numbers come back with so many `decimals`, or in 32 bits where `single`, and within `limits`; None where neither
    is known. `form` is how they are written, `missing` the text of cells that are missing: then a category of two
    follows, `of` this name, which says whether the cell is there; where it is not, the number is the `filling`.
    """

    name: str
    mean: float = 0.0
    std: float = 1.0
    categories: tuple[str, ...] = ()
    decimals: int | None = None
    limits: tuple[float, float] | None = None
    single: bool = False
    form: Notation = _PLAIN
    missing: str | None = None
    filling: float = 0.0
    of: str | None = None

    @property
    def width(self) -> int:
        """How many network inputs the column takes."""
        return len(self.categories) or 1

    @property
    def kind(self) -> str:
        """What its values are, in words."""
        return "category" if self.categories else self.form.kind

    def own(self, seen: Tensor) -> Tensor:
        """Values (B,), a category's as its index, of what networks see (B, width); what is not finite stays so."""
        if self.categories:
            return seen.argmax(1).to(seen.dtype).where(seen.isfinite().all(1), torch.nan)
        own = seen[:, 0] * self.std + self.mean
        if self.single:
            own = own.float().to(seen.dtype)
        if self.decimals is not None:
            # No zero keeps a sign.
            own = own.round(decimals=self.decimals) + 0.0
        return own.clamp(*self.limits).where(own.isfinite(), own) if self.limits else own

    def seen(self, own: Tensor) -> Tensor:
        """What `own` undoes: (B,) -> (B, width)."""
        if self.categories:
            return one_hot(own.long(), self.width).to(own.dtype)
        return ((own - self.mean) / self.std)[:, None]

    def cell(self, value: float) -> str:
        """The text of a value in a file."""
        if not math.isfinite(value):
            return str(value)
        return self.categories[int(value)] if self.categories else self.form.cell(value)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is left at its default goes without saying."""
        usual, plain = asdict(Column(self.name)), asdict(self)
        return {name: value for name, value in plain.items() if name in _ALWAYS or value != usual[name]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Column:
        """A column from plain values, what is absent by default; raises `TypeError` where it has no name."""
        told = {field.name: plain[field.name] for field in fields(cls) if plain.get(field.name) is not None}
        for name in told.keys() & {"categories", "limits"}:
            told[name] = tuple(told[name])
        if "form" in told:
            told["form"] = notation_from(told["form"])
        return cls(**told)


@dataclass(frozen=True)
class Sheet:
    """What a table's file says beside its columns: what divides cells, the label's name and place, who has no name."""

    delimiter: str = ","
    label: str | None = None
    place: int = 0
    unnamed: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Sheet:
        return cls(**dict(plain) | {"unnamed": tuple(plain.get("unnamed", ()))})
