"""Which images a folder or zip holds, which of them are held out, and what their labels are."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from posixpath import splitext
from shlex import quote
from typing import NamedTuple

from saddlepoint.data._files import TABLE, Files, contents, existing, there
from saddlepoint.data._labels import left_out, of_training
from saddlepoint.data._picture import SUFFIXES
from saddlepoint.data._rows import Rows, grid_of
from saddlepoint.data._splits import Part, part_of, parts_of
from saddlepoint.errors import BadData, BadOption, few

_DEEPEST = 100
# What people call the two columns of a table of labels.
_FILE = {"file", "filename", "file_name", "image", "image_name", "path"}
_LABEL = {"label", "labels", "class", "class_name", "category", "target"}
_UNLABELLED = Part("unlabelled", "")


@dataclass(frozen=True)
class Item:
    """An image: its file, the path below its set's folder, what that is called, whether it is held out, its label."""

    name: str
    below: tuple[str, ...]
    part: str = ""
    held: bool = False
    label: str | None = None

    @property
    def stem(self) -> str:
        """What tells it from the others of its class or side: its path in there, without the ending."""
        path = "/".join(filter(None, (self.part, *self.below[1:])))
        return unicodedata.normalize("NFC", splitext(path)[0])


@dataclass(frozen=True)
class Found:
    """The images that were found; `split` says whether the folders tell held-out images from the others.

    `domains` says whether they are called as the two domains of a translation without pairs, trainA and trainB.
    """

    items: list[Item]
    split: bool
    notes: list[str]
    domains: bool = False

    @property
    def twins(self) -> tuple[list[int], list[int]] | None:
        """The places, among held-out images, of one domain and of their counterparts, told by the same names."""
        held = [item for item in self.items if item.held]
        if not self.domains or not held:
            return None
        one, other = ({item.stem: i for i, item in enumerate(held) if item.label == label} for label in _domains(self))
        return (list(one.values()), [other[stem] for stem in one]) if one.keys() == other.keys() else None


def _domains(found: Found) -> list[str]:
    return sorted({item.label for item in found.items if item.label is not None})


def found_in(files: Files, labels: str) -> Found:
    """The images of a folder or zip, labelled as `labels` says: 'folders', 'none' or a CSV file."""
    names = [name for name in files.names if is_image(name)]
    if not names:
        raise BadData(f"{files.path}: holds no images; wanted files such as .png or .jpg")
    items, split, domains = _sets([Item(name, _below(name, files)) for name in names], str(files.path))
    without = len(names) - len(items)
    notes = [f"{without} {_images(without)} in a folder called unlabelled: left out"] if without else []
    notes += _taken_for_classes(items) if labels == "folders" else []
    others = {name for name in set(files.names) - set(names) if Path(name).name != Path(labels).name}
    items = _labelled(items, files, labels)
    unread = [] if labels == "none" or items[0].label else _tables_of(items, files, others)
    notes += [f"{name} names images and their labels: to learn them say --data.labels {name}" for name in unread]
    rest = len(others) - len(unread)
    notes += [f"{rest} {'file is' if rest == 1 else 'files are'} no image: ignored"] if rest else []
    domains = domains and labels == "folders"
    notes += _called_alike(items) if labels == "folders" and not domains else []
    return _known_in_training(Found(items, split, notes, domains), files)


def is_image(name: str) -> bool:
    """Whether a file is an image by its name, and none that a system hides."""
    parts = name.split("/")
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return splitext(parts[-1])[1].lower() in SUFFIXES and not hidden


def _below(name: str, files: Files) -> tuple[str, ...]:
    parts = tuple(name.split("/"))
    if len(parts) > _DEEPEST:
        raise BadData(f"{files.path}: {parts[-1]} lies {len(parts)} folders deep; wanted at most {_DEEPEST}")
    return parts


def _images(count: int) -> str:
    return "image" if count == 1 else "images"


class _Sets(NamedTuple):
    """Items, whether folders tell held-out ones from the others, and whether folders are two domains."""

    items: list[Item]
    split: bool
    domains: bool


def _sets(items: list[Item], where: str) -> _Sets:
    """The items below folders that wrap them all, told apart where folders are called as sets are."""
    items = _not_unlabelled(items)
    names = _tops(items)
    wrapped = all(len(item.below) > 1 for item in items)
    if not wrapped and any(map(part_of, names)):
        raise BadData(f"{where}: images lie beside the folders {few(names)}; move them into one or out of the way")
    if parts := parts_of(names, where):
        return _apart(items, parts, where)
    if len(names) == 1 and wrapped:
        return _sets([replace(item, below=item.below[1:]) for item in items], where)
    inner = {item.below[1] for item in items if len(item.below) > 2}
    if all(len(item.below) > 2 for item in items) and (parts := parts_of(inner, where)):
        return _apart([replace(i, below=(i.below[1], i.below[0], *i.below[2:])) for i in items], parts, where)
    return _Sets(items, False, False)


def _not_unlabelled(items: list[Item]) -> list[Item]:
    """The items without those in a folder called unlabelled, unless all are."""
    return [item for item in items if len(item.below) < 2 or part_of(item.below[0]) != _UNLABELLED] or items


def _tops(items: Sequence[Item]) -> set[str]:
    return {item.below[0] for item in items if len(item.below) > 1}


def _apart(items: list[Item], parts: dict[str, Part], where: str) -> _Sets:
    """The items of sets: which are held out, and what is below the sets' folders and what wraps all in them."""
    domains = _are_domains(parts, where)
    made = []
    for item in items:
        told = parts[item.below[0]]
        below = _inside(item.below, told)
        below, part = ((told.rest, *below), str(told.kind)) if domains else (below, item.below[0])
        made.append(replace(item, below=below, part=part, held=told.kind == "held"))
    while len(_tops(made)) == 1 and all(len(item.below) > 1 for item in made):
        made = [replace(item, below=item.below[1:]) for item in made]
    return _Sets(made, any(item.held for item in made), domains)


def _are_domains(parts: dict[str, Part], where: str) -> bool:
    """Whether sets are those of the two domains A and B; raises `BadData` where there is none of one to train on."""
    trained = {told.rest: name for name, told in parts.items() if told.kind == "train"}
    if {told.rest for told in parts.values()} <= {"A", "B"} and len(trained) == 1:
        ((here, name),) = trained.items()
        missing = {"A": "B", "B": "A"}[here]
        raise BadData(
            f"{where}: {name} is one of two domains, and of {missing} there is nothing to train on; put its images "
            f"beside it in train{missing}, or give {Path(where) / name} itself"
        )
    return len({told.rest.lower() for told in parts.values()}) > 1


def _inside(below: tuple[str, ...], told: Part) -> tuple[str, ...]:
    """The path below a set's folder and those in it that are called as the same set."""
    while len(below) > 1 and part_of(below[0]) == told:
        below = below[1:]
    return below


def _taken_for_classes(items: Sequence[Item]) -> list[str]:
    """What is to be told of classes that are called as sets are."""
    tops = _tops(items)
    called = [name for name in tops if part_of(name)]
    if len(tops) < 2 or not called:
        return []
    return [f"the {'folder' if len(called) == 1 else 'folders'} {few(called)} may be a set by name: taken for a class"]


def _called_alike(items: Sequence[Item]) -> list[str]:
    """What is to be told of two classes whose images are called alike, as those of pairs are."""
    stems: dict[str | None, set[str]] = {}
    for item in items:
        stems.setdefault(item.label, set()).add(item.stem if item.label else "")
    if len(stems) != 2 or None in stems or len(set(map(frozenset, stems.values()))) != 1:
        return []
    one, other = sorted(filter(None, stems))
    return [f"{one} and {other} hold files of the same names: taken for classes (for pairs: --data.given {quote(one)})"]


def _labelled(items: list[Item], files: Files, labels: str) -> list[Item]:
    if labels == "none":
        return items
    if labels == "folders":
        return _by_folder(items, files)
    if not _is_table(labels):
        raise BadOption(f"data.labels: wanted folders, none or the path of a .csv file, got {labels!r}")
    return _by_table(items, files, labels)


def _is_table(name: str) -> bool:
    return name.lower().endswith((".csv", ".csv.gz"))


def _tables_of(items: list[Item], files: Files, others: Iterable[str]) -> list[str]:
    """The tables among other files that name an image and its label."""
    places = _places(items)
    return [name for name in sorted(filter(_is_table, others)) if _names_images(name, files, places)]


def _names_images(table: str, files: Files, places: dict[str, list[int]]) -> bool:
    try:
        rows = _filled(files.read(table, TABLE), files.where(table))
        start, file, label = _columns(rows, places, table)
    except BadData:
        return False
    return any(_plain(row[file]) in places and row[label] for _, row in rows[start:])


def _by_folder(items: list[Item], files: Files) -> list[Item]:
    folders = {item.below[0] for item in items if len(item.below) > 1}
    if len(folders) < 2:
        return items
    for item in items:
        if len(item.below) == 1 and not item.held:
            raise BadData(
                f"{files.where(item.name)}: lies beside the folders {few(folders)}, so its class "
                "is not known; move it into one of them, or give --data.labels none"
            )
    return [replace(item, label=item.below[0] if len(item.below) > 1 else None) for item in items]


def _by_table(items: list[Item], files: Files, labels: str) -> list[Item]:
    where, rows = _table(files, labels)
    places = _places(items)
    start, file, label = _columns(rows, places, where)
    given: dict[int, str] = {}
    for number, row in rows[start:]:
        place = _place(row[file], places, f"{where}, row {number}")
        if given.setdefault(place, row[label]) != row[label]:
            raise BadData(f"{where}, row {number}: {row[file]!r} is {row[label]!r} here but was {given[place]!r}")
    without = [item.name for i, item in enumerate(items) if not given.get(i)]
    if without:
        raise BadData(
            f"{where}: has no label for {len(without)} of {len(items)} images, among them {few(without)}; "
            "add rows for them or remove them"
        )
    return [replace(item, label=given[i]) for i, item in enumerate(items)]


def _table(files: Files, labels: str) -> tuple[str, Rows]:
    if there(labels):
        path = existing(labels)
        return str(path), _filled(contents(path), str(path))
    if labels in files.names:
        return files.where(labels), _filled(files.read(labels, TABLE), files.where(labels))
    raise BadData(f"{labels}: no such file, neither as given nor in {files.path}; it was to hold the labels")


def _filled(content: bytes, where: str) -> Rows:
    return [(number, row) for number, row in grid_of(content, where).rows if any(row)]


def _columns(rows: Rows, places: dict[str, list[int]], where: str) -> tuple[int, int, int]:
    """The first row of data and which cells of it are the file and the label."""
    head = [cell.lower() for cell in rows[0][1]]
    if len(head) < 2:
        raise BadData(f"{where}: wanted two columns, file and label, got one")
    called = [next((place for place, cell in enumerate(head) if cell in names), None) for names in (_FILE, _LABEL)]
    if called[0] is not None and called[1] is not None:
        return 1, called[0], called[1]
    return (0 if _plain(rows[0][1][0]) in places else 1), 0, 1


def _places(items: Sequence[Item]) -> dict[str, list[int]]:
    """Which images a name may mean: any tail of their path, from the file's own name to the whole."""
    places: dict[str, list[int]] = {}
    for i, item in enumerate(items):
        parts = PurePosixPath(item.name).parts
        for start in range(len(parts)):
            places.setdefault("/".join(parts[start:]), []).append(i)
    return places


def _place(name: str, places: dict[str, list[int]], where: str) -> int:
    meant = places.get(_plain(name), [])
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise BadData(f"{where}: {name!r} may mean {len(meant)} images; give its folder too")
    near = get_close_matches(name, places, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "remove the row or add the image"
    raise BadData(f"{where}: there is no image {name!r}; {hint}")


def _plain(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).as_posix()


def _known_in_training(found: Found, files: Files) -> Found:
    """Without held-out images of classes that training lacks; a class of one image raises `BadData`."""
    counts = Counter(item.label for item in found.items if not item.held)
    single = next((label for label, count in counts.items() if count == 1 and label is not None), None)
    if single is not None:
        raise BadData(
            f"{files.path}: class {single!r} has one image only, from which nothing can be learnt; "
            "add images to it, remove it, or give --data.labels none"
        )
    keep = of_training([item.label for item in found.items], [item.held for item in found.items])
    known = [item for item, kept in zip(found.items, keep, strict=True) if kept]
    if len(known) == len(found.items):
        return found
    notes = [*found.notes, left_out(len(found.items) - len(known))]
    return Found(known, any(item.held for item in known), notes)
