"""The kinds of things that have laws, and which kind a thing is."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from saddlepoint import data, games, metrics, networks, objectives, optimizers, priors, regularizers, tasks
from saddlepoint.architecture import Architecture
from saddlepoint.catalogue import Entry, Shelf
from saddlepoint.duel import Objective, Regularizer
from saddlepoint.errors import BadOption, UnknownName, unknown
from saddlepoint.game import Game
from saddlepoint.laws import data as of_data
from saddlepoint.laws import games as of_games
from saddlepoint.laws import metrics as of_metrics
from saddlepoint.laws import networks as of_networks
from saddlepoint.laws import objectives as of_objectives
from saddlepoint.laws import optimizers as of_optimizers
from saddlepoint.laws import priors as of_priors
from saddlepoint.laws import tasks as of_tasks
from saddlepoint.laws.law import Case, Law, Refusal
from saddlepoint.metric import Estimate
from saddlepoint.optimizer import MakeOptimizer
from saddlepoint.prior import Prior
from saddlepoint.source import Source
from saddlepoint.task import Task


@dataclass(frozen=True)
class Kind:
    """Things of one shelf: what they are tried on by name, their laws, and what their functions return."""

    shelf: Shelf
    cases: Callable[[str], Iterator[Case | Refusal]]
    laws: tuple[Law[Any], ...]
    returns: Any


_ALL = (
    Kind(games.shelf, of_games.cases, of_games.LAWS, Game),
    Kind(networks.shelf, of_networks.cases, of_networks.LAWS, Architecture),
    Kind(objectives.shelf, of_objectives.of_objective, of_objectives.LAWS, Objective),
    Kind(regularizers.shelf, of_objectives.of_regularizer, of_objectives.LAWS, Regularizer),
    Kind(priors.shelf, of_priors.cases, of_priors.LAWS, Prior),
    Kind(optimizers.shelf, of_optimizers.cases, of_optimizers.LAWS, MakeOptimizer),
    Kind(data.shelf, of_data.cases, of_data.LAWS, Source),
    Kind(tasks.shelf, of_tasks.cases, of_tasks.LAWS, Task),
    Kind(metrics.shelf, of_metrics.cases, of_metrics.LAWS, Estimate),
)
KINDS: Mapping[str, Kind] = {kind.shelf.kind: kind for kind in _ALL}


def kind_of(name: str, kind: str | None = None) -> Kind:
    """The kind called `kind`, or that which a thing of the shelves, or named by import path, seems to be.

    Raises `BadOption` where that cannot be told, `UnknownName` for what is not there.
    """
    if kind is not None and kind not in KINDS:
        raise UnknownName(unknown("kind", kind, KINDS))
    if kind is not None:
        return KINDS[kind]
    found = _by_look(name) if ":" in name else [one for one in _ALL if name in one.shelf.names()]
    if not found and ":" not in name:
        raise UnknownName(unknown("thing", name, sorted({every for one in _ALL for every in one.shelf.names()})))
    if len(found) != 1:
        which = " and ".join(_one(one.shelf.kind) for one in found) or "of no kind that can be told"
        raise BadOption(f"{name} is {which}; say which with --kind: {', '.join(KINDS)}")
    return found[0]


def _by_look(name: str) -> list[Kind]:
    """By what the function says it returns; else by what its parts are called; else by what it makes."""
    function, entry = _ANY.function(name), _ANY.entry(name)
    said = _returned(function)
    return [one for one in _ALL if _is(said, one.returns)] or _by_parts(entry) or _by_making(function, entry)


def _returned(function: Callable[..., Any]) -> Any:
    """What a function says it returns, as a type where that is known."""
    try:
        return typing.get_type_hints(function).get("return")
    except (NameError, TypeError):
        # Some of its names may be imported for the types alone.
        return inspect.signature(function).return_annotation


def _is(said: Any, wanted: Any) -> bool:
    parts = typing.get_args(said) if typing.get_origin(said) in (typing.Union, _UNION) else (said,)
    if isinstance(wanted, type):
        return all(isinstance(part, type) and issubclass(part, wanted) for part in parts)
    return bool(said == wanted)


_UNION = type(int | str)
# What is named by import path may stand on any shelf.
_ANY = Shelf("thing", networks.__name__)


def _by_parts(entry: Entry) -> list[Kind]:
    parts = set(entry.parts)
    if not parts:
        return []
    if parts == {"spec", "latent"}:
        return [KINDS["network"]]
    if parts == {"path"}:
        return [KINDS["data"]]
    if parts & of_metrics.evidence().keys():
        return [KINDS["metric"]]
    return [KINDS["game"]] if {"spec"} < parts <= {"spec", "objective", "network", "prior", "model"} else []


def _by_making(function: Callable[..., Any], entry: Entry) -> list[Kind]:
    """By what a function without parts makes."""
    if entry.parts:
        return []
    try:
        made = function()
    except Exception:
        return []
    return [one for one in _ALL if isinstance(one.returns, type) and isinstance(made, one.returns)]


def _one(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def reading(kind: Kind, path: str) -> Kind:
    """Sources that read what is at `path`; raises `BadOption` for another kind."""
    if kind is not KINDS["data"]:
        raise BadOption(f"{_one(kind.shelf.kind)} reads nothing; leave --path out")
    return replace(kind, cases=partial(of_data.cases, path=path))
