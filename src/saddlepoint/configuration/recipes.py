"""Recipes: presets with a citation and a measured result, named DATA or DATA-OBJECTIVE or DATA-GAME.

A recipe may start from another, `like = "NAME"`, and say only what differs. One's own is a file, by its path, which may
be the config.toml of a run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from saddlepoint.configuration import trained
from saddlepoint.errors import BadOption, UnknownName, unknown
from saddlepoint.machine import regular

_FOLDER = Path(__file__).parent.parent / "recipes"
_WORDS = ("about", "paper", "result")
_LIKE = "like"


@cache
def names() -> tuple[str, ...]:
    """The names of all recipes, sorted."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.toml")))


@cache
def _ours(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _read(name: str) -> dict[str, Any]:
    if name in names():
        return _ours(name)
    if not name.endswith(".toml"):
        raise UnknownName(unknown("recipe", name, names()))
    try:
        found = tomllib.loads(regular.read(Path(name), _MOST).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadOption(f"recipe {name}: cannot be read ({error})") from None
    made = of_run(found) if "format" in found else found
    if bad := [key for key, value in made.items() if not isinstance(value, dict) and key not in (*_WORDS, _LIKE)]:
        raise BadOption(f"recipe {name}: wanted tables such as [network], got {bad[0]}")
    return made


def of_run(config: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a run's configuration that serve another run on other data and another machine."""
    made = {name: table for name, table in config.items() if isinstance(table, Mapping) and name not in _OF_A_RUN}
    run = {key: value for key, value in made.get("run", {}).items() if key not in (*OF_A_MACHINE, "seed")}
    return made | {"run": run}


_MOST = 2**20
_OF_A_RUN = ("data", "from")
OF_A_MACHINE = ("device", "precision", "threads")


def called(name: str) -> str:
    """A recipe's own name: that of its file, of a run's configuration that of its folder.

    >>> called("ring-wgan"), called("mine/wide.toml"), called("runs/ring-1/config.toml")
    ('ring-wgan', 'wide', 'ring-1')
    """
    file = Path(name)
    if file.suffix != ".toml":
        return name
    return (file.resolve().parent.name if file.name == "config.toml" else file.stem) or "recipe"


def words(name: str) -> dict[str, str]:
    """What a recipe says of itself: about, paper, result."""
    return {key: str(_read(name).get(key, "")) for key in _WORDS}


def tables(name: str, *above: str) -> dict[str, Any]:
    """The tables of a recipe, as in a configuration, which is like those `above`.

    Raises `UnknownName` with the nearest, and `BadOption` for recipes that are like each other.
    """
    own = {key: value for key, value in _read(name).items() if key not in (*_WORDS, _LIKE)}
    like = _read(name).get(_LIKE)
    if like is None:
        return own
    if not isinstance(like, str) or like in (name, *above):
        raise BadOption(f"recipe {name}: wanted like = the name of another recipe, got {like!r}")
    return over(own, tables(like, name, *above))


def over(top: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of `base` with those of `top` put over them; a part of another name starts from its own defaults."""
    merged = dict(base)
    for section, table in top.items():
        below = base.get(section, {})
        renamed = "name" in table and table["name"] != below.get("name")
        # What is told of a run is of that run alone.
        merged[section] = dict(table) if renamed or section == trained.PART else _deep(below, table)
    return merged


def _deep(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in top.items():
        old = merged.get(key)
        merged[key] = _deep(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
    return merged


def chosen(kinds: Sequence[str], wanted: str | None) -> str:
    """The recipe for data that is `kinds`, the most special first, and for the objective or game `wanted`.

    Without a recipe for `wanted`, that of the most special kind is taken, whose other tables still serve.
    """
    known = names()
    for kind in kinds if wanted else ():
        if f"{kind}-{wanted}" in known:
            return f"{kind}-{wanted}"
        if kind in known and wanted in (tables(kind).get(part, {}).get("name") for part in ("objective", "game")):
            return kind
    return next(kind for kind in kinds if kind in known)
