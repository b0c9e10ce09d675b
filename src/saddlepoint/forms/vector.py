"""Vectors (D,): points, and rows of tables."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from saddlepoint.data._files import contents, existing, there
from saddlepoint.data._rows import grid_of
from saddlepoint.data.arrays import reads, rows_at
from saddlepoint.errors import BadData, BadOption, quoted, unknown
from saddlepoint.forms.form import Form
from saddlepoint.spec import Keeps


@dataclass(frozen=True)
class Vector(Form):
    """Numbers."""

    asked: str = "numbers by commas, such as 0.1,3, or a .csv, .npy or .npz of rows"
    given: str = "given_numbers"

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("plane", "vector") if self.spec.shape[0] <= 2 else ("vector",)

    def read(self, told: str, keeps: Keeps = "nothing") -> Tensor:
        """Rows: one that is written out, or those of a file."""
        if not there(told):
            return torch.tensor([_numbers(told.split(","), f"--given {quoted(told)}", self.asked)])
        path = existing(told)
        if reads(path):
            rows = rows_at(told)
            return rows[:, None] if rows.dim() == 1 else rows
        return torch.tensor(_table(contents(path), told))


@dataclass(frozen=True)
class Words(Vector):
    """Texts of as many words as are wanted, each by its place among the `words` of the spec."""

    asked: str = "a text"
    given: str = "given_text"

    def read(self, told: str, keeps: Keeps = "nothing") -> Tensor:
        """One text."""
        places = {word: place for place, word in enumerate(self.spec.words)}
        words = told.split()
        if strange := next((word for word in words if word not in places), None):
            raise BadOption(f"--given: {unknown('word', strange, places)}")
        return torch.tensor([[places[word] for word in words]])


def _table(content: bytes, where: str) -> list[list[float]]:
    """The rows of a .csv, below its head if it has one."""
    rows = grid_of(content, where).rows
    below = rows if _are_numbers(rows[0][1]) else rows[1:]
    if not below:
        raise BadData(f"{where}: has a head and no rows; add some")
    return [_numbers(row, f"{where}, row {number}", "numbers alone") for number, row in below]


def _are_numbers(cells: list[str]) -> bool:
    try:
        return bool([float(cell) for cell in cells])
    except ValueError:
        return False


def _numbers(cells: list[str], where: str, wanted: str) -> list[float]:
    if not _are_numbers(cells):
        raise BadData(f"{where}: wanted {wanted}, got {quoted(','.join(cells))}")
    return [float(cell) for cell in cells]
