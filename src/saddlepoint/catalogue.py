"""Shelves: every registered thing is one file holding one function of the file's name.

A shelf is a package folder. What stands on it, its options (keyword-only parameters), its parts (positional
parameters) and its help (docstring) are read from the source text, so that help and the refusal of a misspelt name
import neither the thing nor torch. A thing that lives elsewhere is named by import path, `package.module:function`.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from saddlepoint.errors import BadOption, SaddlepointError, UnknownName, unknown
from saddlepoint.option import Option, alternatives


@dataclass(frozen=True)
class Entry:
    """What a shelf knows of one thing without importing it; `kinds` are its parts' annotations as texts."""

    name: str
    summary: str
    paper: str
    details: str
    parts: tuple[str, ...]
    options: Mapping[str, Option]
    kinds: Mapping[str, str] = field(default_factory=dict)

    def complete(self, given: Mapping[str, Any], where: str) -> dict[str, Any]:
        """All options with their values: `given` checked, the rest by default (a default of None is left out)."""
        for name in given:
            if name not in self.options:
                raise BadOption(unknown(f"option of {where} {self.name!r}", name, self.options))
        full = {name: option.default for name, option in self.options.items() if option.default is not None}
        for name, value in given.items():
            full[name] = self.options[name].take(value, f"{where}.{name}")
        return full

    def other_parts(self, parts: Sequence[Any], where: str) -> str:
        """The sentence for too few parts or too many."""
        wanted = ", ".join(self.parts) or "no part"
        named = "; options go by name: " + ", ".join(f"{name}=" for name in self.options) if self.options else ""
        got = ", ".join(type(part).__name__ for part in parts) or "none"
        return f"{where} {self.name!r} wanted {wanted} before its options, got {got}{named}"


@dataclass(frozen=True)
class Shelf:
    """The things of one kind: the files in one folder.

    >>> shelf = Shelf("objective", "saddlepoint.objectives")
    >>> "wgan_gp" in shelf.names()
    True
    >>> shelf.entry("wgan_gp").options["weight"].default
    10.0
    """

    kind: str
    package: str
    _folder: Path = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_folder", Path(__file__).parent / self.package.rpartition(".")[2])

    def names(self) -> tuple[str, ...]:
        """The names of everything on the shelf, sorted."""
        return tuple(sorted(file.stem for file in self._folder.glob("*.py") if file.stem[0] != "_"))

    def entry(self, name: str) -> Entry:
        """What is known of `name`; raises `UnknownName` with the nearest."""
        if ":" in name:
            return _entry_of(_absolute(name), self.function(name))
        if name not in self.names():
            raise UnknownName(unknown(self.kind, name, self.names()))
        return _read(self._folder / f"{name}.py")

    def function(self, name: str) -> Callable[..., Any]:
        """The function itself, imported; `name` may be an import path `package.module:function`."""
        if ":" in name:
            return _imported(self.kind, name)
        self.entry(name)
        made: Callable[..., Any] = getattr(importlib.import_module(f"{self.package}.{name}"), name)
        return made

    def build(self, name: str, *parts: Any, **options: Any) -> Any:
        """What `name` makes of its parts and options; misspelt options, and other parts, are refused."""
        entry, function = self.entry(name), self.function(name)
        full = entry.complete(options, self.kind)
        try:
            inspect.signature(function).bind(*parts, **full)
        except TypeError:
            raise BadOption(entry.other_parts(parts, self.kind)) from None
        return function(*parts, **full)


@cache
def _read(file: Path) -> Entry:
    tree = _parsed(file)
    node = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == file.stem)
    options = {
        arg.arg: Option(arg.arg, _annotation(arg, tree), ast.literal_eval(value))
        for arg, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if value is not None
    }
    parts = {arg.arg: ast.unparse(arg.annotation) if arg.annotation else "" for arg in node.args.args}
    return _entry(file.stem, ast.get_docstring(node) or "", parts, options)


def _annotation(arg: ast.arg, tree: ast.Module) -> str:
    """The parameter's annotation as text; aliases that say more than a type are replaced by what they stand for."""
    text = ast.unparse(arg.annotation) if arg.annotation else "str"
    return " | ".join(_aliased(tree, kind) for kind in alternatives(text))


def _aliased(tree: ast.Module, name: str) -> str:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and name in {alias.name for alias in node.names}:
            file = Path(__file__).parent.joinpath(*node.module.split(".")[1:]).with_suffix(".py")
            return _aliased(_parsed(file), name) if file.exists() else name
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            value = ast.unparse(node.value)
            return value if value.startswith(("Literal[", "Annotated[")) else name
    return name


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def options_of(told: Mapping[str, tuple[Any, Any]], names: Mapping[str, Any]) -> dict[str, Option]:
    """Options from annotations, as texts or evaluated, and defaults; texts mean what `names` say in their module."""
    return {name: Option(name, _spelt(annotation, names), default) for name, (annotation, default) in told.items()}


def _spelt(annotation: Any, names: Mapping[str, Any]) -> str:
    if isinstance(annotation, str):
        kinds = alternatives(annotation.strip("'"))
        return " | ".join(_spelt(names[kind], names) if _says_more(names.get(kind)) else kind for kind in kinds)
    if get_origin(annotation) in (Union, UnionType):
        return " | ".join(_spelt(one, names) for one in get_args(annotation))
    if get_origin(annotation) is Annotated:
        return f"Annotated[{annotation.__origin__.__name__}, {annotation.__metadata__[0]!r}]"
    if get_origin(annotation) is Literal:
        return f"Literal{list(get_args(annotation))!r}"
    return "None" if annotation is NoneType else inspect.formatannotation(annotation)


def _says_more(alias: Any) -> bool:
    return get_origin(alias) in (Literal, Annotated)


def _entry_of(name: str, function: Callable[..., Any]) -> Entry:
    parameters = inspect.signature(function).parameters.values()
    told = {p.name: (p.annotation, p.default) for p in parameters if p.kind is p.KEYWORD_ONLY}
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    parts = {p.name: inspect.formatannotation(p.annotation).strip("'") for p in positional}
    options = options_of(told, getattr(inspect.unwrap(function), "__globals__", {}))
    return _entry(name, inspect.getdoc(function) or "", parts, options)


def _entry(name: str, doc: str, parts: Mapping[str, str], options: Mapping[str, Option]) -> Entry:
    paragraphs = [" ".join(paragraph.split()) for paragraph in doc.split("\n\n")]
    paper = next((p.removeprefix("Paper:").strip() for p in paragraphs if p.startswith("Paper:")), "")
    details = "\n".join(p for p in paragraphs[1:] if not p.startswith("Paper:"))
    return Entry(name, paragraphs[0], paper, details, tuple(parts), options, parts)


_IMPORTS: ContextVar[bool] = ContextVar("imports", default=True)


@contextmanager
def importing_nothing() -> Iterator[None]:
    """While it lasts, what is named by import path is refused, whoever asks for it."""
    before = _IMPORTS.set(False)
    try:
        yield
    finally:
        _IMPORTS.reset(before)


def _imported(kind: str, name: str) -> Callable[..., Any]:
    if not _IMPORTS.get():
        raise BadOption(f"{kind} {name!r} would be imported, which nothing may be here")
    module, _, function = name.rpartition(":")
    try:
        found = _of_file(Path(module)) if module.endswith(".py") else _of_path(module)
    except ModuleNotFoundError as error:
        raise UnknownName(f"{kind} {name!r}: no module {error.name!r} on the import path") from error
    except SaddlepointError:
        raise
    except Exception as error:
        raise BadOption(f"{kind} {name!r} cannot be imported: {type(error).__name__}: {error}") from error
    if not callable(made := getattr(found, function, None)):
        raise UnknownName(unknown(f"{kind} in module {module!r}:", function, _functions(found)))
    checked: Callable[..., Any] = made
    return checked


def _of_path(module: str) -> Any:
    """The module at an import path, on which the current directory is meanwhile."""
    with _importing_from(os.getcwd()):
        return importlib.import_module(module)


@contextmanager
def _importing_from(folder: str) -> Iterator[None]:
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _absolute(name: str) -> str:
    """A thing's name with the whole path where it is in a file: a run goes on wherever it is called from."""
    module, _, function = name.rpartition(":")
    return f"{Path(module).resolve()}:{function}" if module.endswith(".py") else name


@cache
def _executed(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(str(file), file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    # What stands beside the file may be imported by it, as if it were run.
    with _importing_from(str(file.parent)):
        spec.loader.exec_module(module)
    return module


def _of_file(file: Path) -> Any:
    """The module in a file, executed once; raises `UnknownName` where there is no such file."""
    if not file.is_file():
        raise UnknownName(f"there is no file {file}")
    return _executed(file.resolve())


def _functions(module: Any) -> list[str]:
    return [name for name, value in vars(module).items() if inspect.isfunction(value)]
