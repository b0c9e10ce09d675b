"""Anything held to the laws of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from saddlepoint.errors import BadOption
from saddlepoint.laws.kinds import Kind, kind_of, reading
from saddlepoint.laws.law import Refusal, Verdict

Function = Callable[..., Any]


def check(thing: str | Function, kind: str | None = None, *, path: str | None = None) -> list[Verdict]:
    """Hold a thing to the laws of its kind, on everything small that it takes; a verdict for each law and case.

    `thing` is a function at the top of a module, an import path "package.module:function" or "FILE.py:function", or a
    name on a shelf. `kind` is game, network, objective, regularizer, prior, optimizer, data, task or metric: told by
    what the function says it returns, or by what its parameters are called, where it is not said. A source that reads
    is tried on what is at `path`, samples that all differ. Raises `UnknownName` for what is not there, `BadOption` for
    what cannot be imported and where the kind cannot be told.

    Like scikit-learn's `check_estimator`: Buitinck et al. 2013, API design for machine learning software.
    """
    return list(verdicts(thing, kind, path=path))


def verdicts(thing: str | Function, kind: str | None = None, *, path: str | None = None) -> Iterator[Verdict]:
    """The verdicts of `check` as they come. What is refused several times in the same words is told once."""
    name = thing if isinstance(thing, str) else _path_of(thing)
    held = kind_of(name, kind)
    held.shelf.entry(name)
    return _held(held if path is None else reading(held, path), name)


def _held(kind: Kind, name: str) -> Iterator[Verdict]:
    told: set[str] = set()
    taken = 0
    for case in kind.cases(name):
        if isinstance(case, Refusal):
            if case.verdict.words not in told:
                told.add(case.verdict.words)
                yield case.verdict
            continue
        taken += 1
        yield from (law.verdict(case) for law in kind.laws if law.concerns(case))
    if not taken:
        yield Verdict("broken", "it takes something", "all that was tried", "wanted a case that it takes, got none")


def _path_of(function: Function) -> str:
    """The import path of a function; raises `BadOption` for one that is inside another."""
    name = getattr(function, "__qualname__", "")
    if not name.isidentifier():
        raise BadOption(f"check wants a function at the top of a module, got {name or type(function).__name__}")
    return f"{function.__module__}:{name}"
