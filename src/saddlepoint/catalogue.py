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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from saddlepoint.errors import BadOption, SaddlepointError, UnknownName, unknown


@dataclass(frozen=True)
class Option:
    """A keyword-only parameter: its name, its annotation as text, and its default."""

    name: str
    annotation: str
    default: Any

    def take(self, value: Any, where: str) -> Any:
        """`value`, as text from a command line or typed from TOML, as this option's type.

        Raises `BadOption`, naming `where`, when it cannot be taken.
        """
        if value is None and "None" in _alternatives(self.annotation):
            return None
        for kind in _alternatives(self.annotation):
            taken = _as(kind, value)
            if taken is not None:
                return taken
        raise BadOption(f"{where}: wanted {self.wanted}, got {value!r}")

    @property
    def wanted(self) -> str:
        """The annotation in words."""
        kinds = [kind for kind in _alternatives(self.annotation) if kind != "None"]
        return " or ".join(_WORDS.get(kind) or _choices_in_words(kind) for kind in kinds)


@dataclass(frozen=True)
class Entry:
    """What a shelf knows of one thing without importing it."""

    name: str
    summary: str
    paper: str
    details: str
    parts: tuple[str, ...]
    options: Mapping[str, Option]

    def complete(self, given: Mapping[str, Any], where: str) -> dict[str, Any]:
        """All options with their values: `given` checked, the rest by default (a default of None is left out)."""
        for name in given:
            if name not in self.options:
                raise BadOption(unknown(f"option of {where} {self.name!r}", name, self.options))
        full = {name: option.default for name, option in self.options.items() if option.default is not None}
        for name, value in given.items():
            full[name] = self.options[name].take(value, f"{where}.{name}")
        return full


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
        """What `name` makes of its parts and options; misspelt options are refused with the nearest."""
        return self.function(name)(*parts, **self.entry(name).complete(options, self.kind))


@cache
def _read(file: Path) -> Entry:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    node = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == file.stem)
    options = {
        arg.arg: Option(arg.arg, _annotation(arg, tree), ast.literal_eval(value))
        for arg, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if value is not None
    }
    parts = tuple(arg.arg for arg in node.args.args)
    return _entry(file.stem, ast.get_docstring(node) or "", parts, options)


def _annotation(arg: ast.arg, tree: ast.Module) -> str:
    """The parameter's annotation as text; the name of a `Literal` alias is replaced by what it stands for."""
    text = ast.unparse(arg.annotation) if arg.annotation else "str"
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and text in {alias.name for alias in node.names}:
            file = Path(__file__).parent.joinpath(*node.module.split(".")[1:]).with_suffix(".py")
            return _aliased(ast.parse(file.read_text(encoding="utf-8")), text)
    return _aliased(tree, text)


def _aliased(tree: ast.Module, name: str) -> str:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            value = ast.unparse(node.value)
            return value if value.startswith("Literal[") else name
    return name


def _entry_of(name: str, function: Callable[..., Any]) -> Entry:
    parameters = inspect.signature(function).parameters.values()
    options = {
        p.name: Option(p.name, inspect.formatannotation(p.annotation).strip("'"), p.default)
        for p in parameters
        if p.kind is p.KEYWORD_ONLY
    }
    parts = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
    return _entry(name, inspect.getdoc(function) or "", parts, options)


def _entry(name: str, doc: str, parts: Sequence[str], options: Mapping[str, Option]) -> Entry:
    paragraphs = [" ".join(paragraph.split()) for paragraph in doc.split("\n\n")]
    paper = next((p.removeprefix("Paper:").strip() for p in paragraphs if p.startswith("Paper:")), "")
    details = "\n".join(p for p in paragraphs[1:] if not p.startswith("Paper:"))
    return Entry(name, paragraphs[0], paper, details, tuple(parts), options)


def _imported(kind: str, name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = _of_file(Path(module)) if module.endswith(".py") else importlib.import_module(module)
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
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(file.parent))
    return module


def _of_file(file: Path) -> Any:
    """The module in a file, executed once; raises `UnknownName` where there is no such file."""
    if not file.is_file():
        raise UnknownName(f"there is no file {file}")
    return _executed(file.resolve())


def _functions(module: Any) -> list[str]:
    return [name for name, value in vars(module).items() if inspect.isfunction(value)]


_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "Weight": "a number or a schedule such as '1 to 0.1 over 5000' or '0.5 every 8'",
    "None": "nothing",
}


def _alternatives(annotation: str) -> list[str]:
    node = ast.parse(annotation, mode="eval").body
    kinds: list[str] = []
    while isinstance(node, ast.BinOp):
        kinds.insert(0, ast.unparse(node.right))
        node = node.left
    return [ast.unparse(node), *kinds]


def _choices(kind: str) -> tuple[Any, ...]:
    if not kind.startswith("Literal["):
        return ()
    inside = ast.literal_eval(kind.removeprefix("Literal"))
    return tuple(inside)


def _choices_in_words(kind: str) -> str:
    return "one of " + ", ".join(map(str, _choices(kind))) if _choices(kind) else kind


def _as(kind: str, value: Any) -> Any:
    """`value` as `kind`, or None where it does not fit."""
    for choice in _choices(kind):
        if value == choice or str(value) == str(choice):
            return choice
    if kind == "bool":
        return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
    if kind == "str":
        return str(value) if not isinstance(value, bool) else None
    if kind not in ("int", "float", "Weight") or isinstance(value, bool):
        return None
    try:
        if kind == "int":
            return int(value) if float(value) == int(float(value)) else None
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return _as_schedule(value) if kind == "Weight" else None


def _as_schedule(value: Any) -> str | None:
    from saddlepoint.schedule import schedule

    try:
        schedule(value)
    except BadOption:
        return None
    return str(value)
