"""The house's rules: who may import whom, what every registered thing says of itself, what is public."""

import ast
import importlib
import inspect
import tomllib
from pathlib import Path

import pytest

import saddlepoint
from saddlepoint import (
    data,
    diagnostics,
    features,
    games,
    latent,
    metrics,
    networks,
    objectives,
    optimizers,
    priors,
    regularizers,
    tasks,
)
from saddlepoint.configuration import recipes, tables

SOURCE = Path(saddlepoint.__file__).parent
PACKAGES = (data, diagnostics, features, games, metrics, networks, objectives, optimizers, priors, regularizers, tasks)
SHELVES = [package.shelf for package in (*PACKAGES, latent)]
ENTRIES = [(shelf, name) for shelf in SHELVES for name in shelf.names()]

LOW = {"errors", "seeds", "catalogue", "option", "ranges", "schedule", "limits", "machine"}
SHELF_NAMES = {package.__name__.rpartition(".")[2] for package in PACKAGES}
GAMES = {"duel", "draws", "endings", "game", "prior", "spec", "architecture", "conditional", "fitted", "adversarial"}
DATA = {"spec", "source"}
ROOMS = ["configuration", "saved", "latent", "judging", "watching", "runs"]
# Who may import whom, from the bottom to the top; each may import itself.
MAY_IMPORT = {
    "errors": set(),
    "ranges": set(),
    "seeds": set(),
    "game": set(),
    "prior": set(),
    "optimizer": set(),
    "metric": set(),
    "extractor": set(),
    "colour": set(),
    "history": set(),
    "tabular": set(),
    "report": set(),
    "machine": {"errors"},
    "limits": {"errors"},
    "schedule": {"errors"},
    "option": {"errors", "ranges", "schedule"},
    "catalogue": {"errors", "option"},
    "draws": {"machine"},
    "spec": {"errors", "tabular"},
    "source": {"errors", "game", "seeds", "spec"},
    "task": {"errors", "game", "seeds", "source", "spec"},
    "duel": {"errors", "game", "schedule"},
    "endings": {"colour", "spec"},
    "architecture": {"duel", "endings", "errors", "spec"},
    "layers": {"architecture", "draws", "errors"},
    "own": {"architecture", "errors", "spec"},
    "forms": {"colour", "data", "errors", "spec"},
    "conditional": {"errors", "game", "spec"},
    "trained": {"errors", "game", "spec"},
    "fitted": {"conditional", "errors", "game", "spec"},
    "adversarial": LOW | GAMES | {"layers", "own"},
    "objectives": LOW | {"duel", "regularizers"},
    "regularizers": LOW | {"duel", "draws"},
    "priors": LOW | {"prior"},
    "networks": LOW | {"architecture", "layers", "own", "spec"},
    "optimizers": LOW | {"optimizer"},
    "data": LOW | DATA | {"game", "tabular"},
    "tasks": LOW | {"colour", "data", "spec", "task"},
    "games": LOW | GAMES | {"layers", "trained"},
    "metrics": LOW | {"metric"},
    "diagnostics": LOW | {"history"},
    "training": LOW | DATA | {"game"},
    "classifier": {"training"},
    "features": LOW | DATA | {"forms", "classifier", "extractor"},
    "theory": LOW | GAMES | {"objectives", "regularizers", "networks", "training"},
}
_BELOW = LOW | GAMES | DATA | SHELF_NAMES | {"forms", "tabular", "task", "trained", "training"}
MAY_IMPORT["laws"] = _BELOW | {"colour", "configuration", "metric", "optimizer"}
_JUDGING = {"classifier", "extractor", "metric", "__version__"}
MAY_IMPORT |= {
    "configuration": _BELOW,
    "saved": _BELOW | {"configuration"},
    "latent": _BELOW | {"configuration", "saved"},
    "asking": _BELOW | {"configuration", "saved"},
    "judging": _BELOW | _JUDGING | {"asking", "colour", "configuration", "forms", "saved"},
    "watching": _BELOW | _JUDGING | {"asking", "history", "configuration", "saved", "judging"},
    "runs": _BELOW | _JUDGING | {"asking", "forms", "latent", "report", *ROOMS[:-1]},
    "cli": _BELOW | _JUDGING | {"laws", *ROOMS},
    "__init__": {"duel", "game", "runs", "saved", "source", "spec", "training"},
    "__main__": {"cli"},
}


def imports(file):
    """The parts of saddlepoint that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("saddlepoint."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "saddlepoint":
            yield from (alias.name for alias in node.names)


def files_of(part):
    return [SOURCE / f"{part}.py"] if (SOURCE / f"{part}.py").exists() else sorted((SOURCE / part).glob("*.py"))


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_go_one_way(part):
    assert files_of(part)
    for file in files_of(part):
        assert set(imports(file)) <= MAY_IMPORT[part] | {part}, file


def test_every_part_has_its_row_and_none_stands_in_a_circle():
    parts = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert parts == MAY_IMPORT.keys()
    used = {part: {one for file in files_of(part) for one in imports(file)} - {part} for part in parts}
    while used:
        low = {part for part, above in used.items() if not above & used.keys()}
        assert low, f"these import each other: {sorted(used)}"
        used = {part: above for part, above in used.items() if part not in low}


@pytest.mark.parametrize(("shelf", "name"), ENTRIES, ids=[f"{s.kind} {n}" for s, n in ENTRIES])
def test_every_thing_says_what_it_is_and_whose(shelf, name):
    entry = shelf.entry(name)
    assert entry.summary.endswith("."), "one sentence"
    assert entry.paper, "a line 'Paper: ...'"
    function = shelf.function(name)
    signature = inspect.signature(function)
    assert {p.name for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY} == set(entry.options)
    for option in entry.options.values():
        assert signature.parameters[option.name].default == option.default
        assert option.default is None or option.take(option.default, option.name) == option.default
        assert not option.wanted.startswith("Literal"), option
        if option.default is not None:
            assert option.take(str(option.default), option.name) == option.default, "as text, from a command line"


@pytest.mark.parametrize(("shelf", "name"), ENTRIES, ids=[f"{s.kind} {n}" for s, n in ENTRIES])
def test_misspelt_options_are_refused_with_the_nearest(shelf, name):
    for option in shelf.entry(name).options:
        with pytest.raises(ValueError, match=f"did you mean '{option}'"):
            shelf.entry(name).complete({f"{option}x": 1}, shelf.kind)


@pytest.mark.parametrize(("shelf", "name"), ENTRIES, ids=[f"{s.kind} {n}" for s, n in ENTRIES])
def test_other_parts_than_a_thing_takes_are_refused(shelf, name):
    parts = shelf.entry(name).parts
    with pytest.raises(ValueError, match=f"{name}' wanted {', '.join(parts) or 'no part'} before its options, got"):
        shelf.build(name, *[None] * (len(parts) + 1))


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_is_complete_and_says_what_it_reached(name):
    words = recipes.words(name)
    assert words["about"]
    assert words["paper"]
    assert any(character.isdigit() for character in words["result"]), "a measured result"
    kind = name.partition("-")[0]
    said = {"data": {"name": "ring"}} | ({"model": {"run": "runs/ring-1"}} if tables.wants_model(name) else {})
    full = tables.completed(said, [kind], name)
    own = tomllib.loads((SOURCE / "recipes" / f"{name}.toml").read_text(encoding="utf-8"))
    told = {key for key, value in own.items() if isinstance(value, dict)}
    assert told <= set(full), "every table it says itself is used"


def test_a_recipe_is_chosen_by_data_and_objective():
    assert recipes.chosen(["ring", "plane", "vector"], None) == "ring"
    assert recipes.chosen(["ring", "plane", "vector"], "wgan") == "ring-wgan"
    assert recipes.chosen(["ring", "plane", "vector"], "r3gan") == "ring"
    assert recipes.chosen(["spiral", "plane", "vector"], "wgan_gp") == "plane"
    assert recipes.chosen(["images", "image"], None) == "image"
    full = tables.completed(tables.told([("objective", "hinge")]) | {"data": {"name": "x"}}, ["x", "image"], None)
    assert full["objective"] == {"name": "hinge"}


def test_a_recipe_may_start_from_another():
    own, base = recipes.tables("ring-hinge"), recipes.tables("plane")
    assert own["objective"] == {"name": "hinge"}, "nothing of the objective that was there before"
    assert own["network"] == base["network"]
    assert own["regularizer"] == {"r1": {"weight": 0.01}}, "through ring-non_saturating"
    assert "like" not in own


def test_a_game_has_the_last_word_on_the_recipe():
    data = {"data": {"name": "ring"}}
    kinds = ["ring", "plane", "vector"]
    told = tables.told([("game", "infogan"), ("objective", "hinge")])
    full = tables.completed(told | data, kinds, None)
    assert (full["recipe"], full["objective"]["name"], full["game"]["codes"]) == ("ring-infogan", "hinge", 8)
    told = tables.told([("game", "gan"), ("objective", "hinge")])
    assert tables.completed(told | data, kinds, None)["recipe"] == "ring-hinge"
    full = tables.completed(tables.told([("game", "vae")]) | data, ["spiral", "plane", "vector"], None)
    assert full["recipe"] == "plane"
    assert set(full) == {"format", "recipe", "data", "run", "game", "network", "optimizer", "watch"}
    with pytest.raises(ValueError, match="game 'vae' takes no prior; it takes spec, network"):
        tables.completed(tables.told([("game", "vae"), ("prior", "uniform")]) | data, kinds, None)


def test_the_public_names_are_all_there():
    for name in saddlepoint.__all__:
        assert getattr(saddlepoint, name) is not None
    assert saddlepoint.objectives is importlib.import_module("saddlepoint.objectives")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        saddlepoint.nothing  # noqa: B018
