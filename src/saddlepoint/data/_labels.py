"""Labels: from the names of classes to numbers and back."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

import torch
from torch import Tensor

from saddlepoint.errors import BadData, shown, unknown

# More digits Python does not take for a number.
_LONGEST = 4000
_WHOLE = re.compile(r"-?[0-9]+")


def numbered(labels: Sequence[str]) -> tuple[tuple[str, ...], Tensor]:
    """The classes among `labels`, in the order people expect (2 before 10), and the index of each label."""
    classes = tuple(sorted(set(labels), key=lambda name: (_natural(name), name)))
    index = {name: i for i, name in enumerate(classes)}
    return classes, torch.tensor([index[label] for label in labels], dtype=torch.long)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if _is_number(part) else (0, part) for part in re.split(r"(\d+)", name)]


def _is_number(part: str) -> bool:
    return part.isdecimal() and len(part) < _LONGEST


def printable(classes: Sequence[str], where: str) -> None:
    """Raises `BadData` for a class whose name a terminal cannot show in a line as it is."""
    for name in classes:
        if shown(name) != name or "\t" in name or "\n" in name:
            raise BadData(f"{where}: the class {name!a} has characters that cannot be shown; rename it")


def of_training(labels: Sequence[Hashable], held: Sequence[bool]) -> list[bool]:
    """Which samples to keep: all but the held-out ones of a class that training lacks."""
    known = {label for label, out in zip(labels, held, strict=True) if not out}
    return [label in known for label in labels]


def left_out(count: int) -> str:
    """What is to be told of `count` held-out samples that `of_training` leaves out."""
    return f"{count} held-out {'image has' if count == 1 else 'images have'} no class that training holds: left out"


def meant(labels: Sequence[str], classes: Sequence[str]) -> dict[str, int]:
    """The class that each text means as a label: its name; or its place, counted from 0.

    Places are meant where all of `labels` are whole numbers and no class's name is one. What the labels happen to be
    does not matter otherwise: 1 is the class called 1 wherever classes are called by numbers.
    """
    if labels and all(map(_WHOLE.fullmatch, labels)) and not any(map(_WHOLE.fullmatch, classes)):
        return {str(place): place for place in range(len(classes))}
    return {name: place for place, name in enumerate(classes)}


def named(classes: Sequence[str]) -> list[int] | list[str]:
    """The names of classes as arrays hold them, so that they are read back as they are: numbers where all are."""
    plain = all(re.fullmatch("0|-?[1-9][0-9]{0,17}", name) for name in classes)
    return [int(name) for name in classes] if plain else list(classes)


def places(labels: Sequence[str], classes: Sequence[str], where: str) -> list[int]:
    """The place among `classes` of each label, as `meant` says; raises `BadData` for a label that is no class."""
    known = meant(labels, classes)
    for label in labels:
        if label not in known:
            raise BadData(f"{where}: {unknown('label', label, known)}")
    return [known[label] for label in labels]
