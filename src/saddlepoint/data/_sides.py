"""Which images of a folder or zip are the two sides of pairs, and which side is given."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import NamedTuple, get_args

from saddlepoint.data._files import Files
from saddlepoint.data._folders import Item, found_in, is_image
from saddlepoint.data._picture import Half
from saddlepoint.errors import BadData, BadOption, few, listed

# What people call the two sides, with or without an s: what is given, and what is made of it. The letters are capitals,
# for a and b are classes.
_CALLED = [
    *(("A", "B"), ("input", "target"), ("input", "output"), ("source", "target")),
    *(("given", "truth"), ("given", "wanted"), ("edge", "photo"), ("lr", "hr")),
]
_HALVES: dict[str, tuple[Half, Half]] = {
    "left": ("left", "right"),
    "right": ("right", "left"),
    "top": ("top", "bottom"),
    "bottom": ("bottom", "top"),
}
# Of the smaller side, that have a partner: fewer are no mistake but classes.
_LEAST_PAIRED = 0.5


class Pair(NamedTuple):
    """The files of what is given and of what is made, which may be one, and whether they are held out."""

    given: str
    made: str
    held: bool


@dataclass(frozen=True)
class Pairs:
    """The pairs that were found; `split` says whether folders tell those held out from the others.

    `halves` are what is given and what is made of a picture, where one holds both.
    """

    pairs: list[Pair]
    split: bool
    notes: list[str]
    halves: tuple[Half, Half] | tuple[None, None] = (None, None)

    @property
    def files(self) -> tuple[list[str], list[str]]:
        """The files of what is given and of what is made."""
        return [pair.given for pair in self.pairs], [pair.made for pair in self.pairs]


def pairs_in(files: Files, given: str) -> Pairs:
    """The pairs of a folder or zip; `given` is auto, the folder of what is given, or the half of each picture.

    Raises `BadData` for a file without a partner, and where it cannot be told what is given; `BadOption` for a side
    that there is not.
    """
    if empty := _empty_side(files):
        raise BadData(f"{files.path / empty}: holds no images, and the folder beside it does; add the other side's")
    found = found_in(files, "none")
    sides = _sides_of(found.items)
    if given in _HALVES and given not in sides:
        alone = [Pair(item.name, item.name, item.held) for item in found.items]
        return Pairs(alone, found.split, found.notes, _HALVES[given])
    one, other = _told_apart(sides, given, files)
    _refuse_ambiguous(found.items, sides, files)
    _refuse_lonely(sides[one], sides[other], files)
    pairs = [Pair(item.name, sides[other][stem].name, item.held) for stem, item in sides[one].items()]
    return Pairs(pairs, found.split, found.notes)


def is_called_so(path: Path) -> bool:
    """Whether two folders are called as the sides of pairs, and most of their files have the same names.

    Domains, trainA beside trainB, are not: they have no pairs unless it is said.
    """
    try:
        files = Files(path)
        folders = {part for name in files.names for part in name.split("/")[:-1]}
        if _empty_side(files):
            return True
        if not _called(folders):
            return False
        found = found_in(files, "none")
    except BadData:
        return False
    sides = _sides_of(found.items)
    if found.domains or len(sides) != 2 or not _called(sides):
        return False
    one, other = sides.values()
    return len(one.keys() & other.keys()) >= _LEAST_PAIRED * min(len(one), len(other))


def _empty_side(files: Files) -> str | None:
    """Which of two folders that are called as sides holds no images, where the other does."""
    if not files.path.is_dir():
        return None
    called = _called([entry.name for entry in files.path.iterdir() if entry.is_dir()]) or ()
    empty = [side for side in called if not any(is_image(name) for name in files.names if name.startswith(f"{side}/"))]
    return empty[0] if len(empty) == 1 else None


Sides = Mapping[str, Mapping[str, Item]]


def _sides_of(items: Sequence[Item]) -> Sides:
    """The images of each folder by what they are called there, or nothing where an image lies in none."""
    sides: dict[str, dict[str, Item]] = {}
    if any(len(item.below) < 2 for item in items):
        return {}
    for item in items:
        sides.setdefault(item.below[0], {}).setdefault(item.stem, item)
    return sides


def _called(folders: Collection[str]) -> tuple[str, str] | None:
    """The folders of what is given and of what is made, where two are called so."""
    known = {name if len(name) == 1 else name.lower().removesuffix("s"): name for name in sorted(folders)}
    return next(((known[given], known[made]) for given, made in _CALLED if {given, made} <= known.keys()), None)


def _told_apart(sides: Sides, given: str, files: Files) -> tuple[str, str]:
    """The folders of what is given and of what is made."""
    if len(sides) != 2:
        got = f"the folders {few(sides)}" if len(sides) > 1 else "images that lie in no two folders"
        raise BadData(
            f"{files.path}: wanted two folders of files of the same names, such as A and B, got {got}; where each "
            "picture holds both sides say --data.given left (or right, top, bottom)"
        )
    if given in sides:
        return given, next(name for name in sides if name != given)
    if given != "auto":
        raise BadOption(f"data.given: wanted {listed(sorted(sides))}, or {', '.join(get_args(Half))}, got {given!r}")
    if called := _called(sides):
        return called
    one, other = sorted(sides)
    said = " or ".join(f"--data.given {quote(name)}" for name in (one, other))
    raise BadData(f"{files.path}: {one} and {other} do not tell which side is given; say {said}")


def _refuse_ambiguous(items: Sequence[Item], sides: Sides, files: Files) -> None:
    """Raises `BadData` for two files of one side that are called alike but for their endings."""
    for item in items:
        other = sides[item.below[0]][item.stem]
        if other is not item:
            raise BadData(f"{files.where(item.name)}: {other.name} is called so too; keep one of them")


def _refuse_lonely(one: Mapping[str, Item], other: Mapping[str, Item], files: Files) -> None:
    """Raises `BadData` for files of a side that have no partner on the other."""
    lonely = [
        side[stem].name for side, partners in ((one, other), (other, one)) for stem in side if stem not in partners
    ]
    if not lonely:
        return
    count = f"{len(lonely)} files have" if len(lonely) > 1 else "1 file has"
    raise BadData(
        f"{files.path}: {count} no partner of the same name on the other side, {few(lonely)}; "
        f"add {'it' if len(lonely) == 1 else 'them'}, or remove what has none"
    )
