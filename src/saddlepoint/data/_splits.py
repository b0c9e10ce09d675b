"""Folders that are sets: the names that people give to the parts of a data set."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Literal, NamedTuple

from saddlepoint.errors import BadData, few

Kind = Literal["train", "held", "unlabelled"]

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("train", "training", "trn", "trainval"), "train"),
    **dict.fromkeys(("test", "testing", "tst", "val", "valid", "validation", "dev"), "held"),
    **dict.fromkeys(("eval", "evaluation", "holdout", "heldout"), "held"),
    **dict.fromkeys(("unlabelled", "unlabeled", "unsup", "unsupervised"), "unlabelled"),
}
_FILLING = {"set", "data", "dataset", "images", "image", "imgs", "img", "pictures", "photos", "split", "folder"}


class Part(NamedTuple):
    """What a folder's name says: which set it is, and what else, such as the A of trainA."""

    kind: Kind
    rest: str


@cache
def part_of(name: str) -> Part | None:
    """The set that a folder is by its name, such as Training, test_set, val2017 or trainA; None for another name."""
    joined = re.sub(r"(?i)(held|hold)[-_ ]out", "heldout", name)
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", joined))
    kinds = [_KINDS[word] for word in map(_short, words) if word in _KINDS]
    rest = [word for word in words if _short(word) not in _KINDS and word.lower() not in _FILLING]
    return Part(kinds[0], " ".join(rest)) if len(kinds) == 1 else None


def _short(word: str) -> str:
    return word.lower() if word.lower() == "set" else word.lower().removesuffix("set")


def parts_of(names: Collection[str], where: str) -> dict[str, Part]:
    """The set that each folder is, or nothing where they are no sets but classes.

    Folders are sets where all are called so and one is to train on; what else is in their names must agree, or be the
    A and B of two domains. Raises `BadData` where some are called as sets and it cannot be told what the others are.
    """
    found = {name: told for name in names if (told := part_of(name))}
    kinds = {told.kind for told in found.values()}
    rests = {told.rest.lower() for told in found.values()}
    alike = len(rests) == 1 or rests == {"a", "b"}
    if len(found) == len(names) and "train" in kinds and alike:
        return found
    if {"train", "held"} <= kinds:
        others = [name for name in names if name not in found] or list(found)
        raise BadData(
            f"{where}: {few(found)} are called as sets to train on and to hold out, but what {few(others)} is beside "
            "them cannot be told; leave one folder for each set, or move what is none"
        )
    if len(found) == len(names) > 1 and kinds == {"held"} and alike:
        raise BadData(f"{where}: {few(found)} are called as sets to hold out, and none to train on; give one of them")
    return {}
