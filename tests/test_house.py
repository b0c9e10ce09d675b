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
    metrics,
    networks,
    objectives,
    optimizers,
    priors,
    regularizers,
)
from saddlepoint.runs import config, recipes

SOURCE = Path(saddlepoint.__file__).parent
PACKAGES = (data, diagnostics, features, games, metrics, networks, objectives, optimizers, priors, regularizers)
SHELVES = [package.shelf for package in PACKAGES]
ENTRIES = [(shelf, name) for shelf in SHELVES for name in shelf.names()]

LOW = {"errors", "seeds", "catalogue", "option", "ranges", "schedule", "limits", "regular", "room"}
LAYERS = {"architecture", "normalisation", "spectral", "hidden", "minibatch", "own"}
CORE = (
    LOW | LAYERS | {"game", "duel", "draws", "prior", "source", "optimizer", "conditional", "fitted", "bins", "packing"}
)
MAY_IMPORT = {
    "ranges": set(),
    "schedule": {"errors"},
    "option": {"errors", "ranges", "schedule"},
    "catalogue": {"errors", "option"},
    "game": set(),
    "form": set(),
    "column": {"form"},
    "draws": {"together"},
    "together": {"errors"},
    "duel": {"errors", "game", "schedule"},
    "bins": set(),
    "conditional": {"game"},
    "fitted": {"conditional", "errors", "game", "source"},
    "packing": {"duel", "errors"},
    "architecture": {"duel", "errors", "source"},
    "own": {"architecture", "errors", "source"},
    "hidden": {"draws"},
    "minibatch": {"architecture"},
    "source": {"column", "errors", "game", "seeds"},
    "objectives": LOW | {"duel", "objectives", "regularizers"},
    "regularizers": LOW | {"duel", "draws", "regularizers"},
    "priors": LOW | {"prior"},
    "networks": LOW | LAYERS | {"networks"},
    "optimizers": LOW | {"optimizer"},
    "data": LOW | {"column", "form", "game", "source", "data"},
    "games": CORE | {"games"},
    "training": LOW | {"together", "game", "source", "training"},
    "metric": set(),
    "metrics": LOW | {"metric", "metrics"},
    "classifier": {"training"},
    "history": set(),
    "diagnostics": LOW | {"history", "diagnostics"},
    "extractor": set(),
    "features": LOW | {"classifier", "extractor", "source", "features"},
    "theory": CORE | {"objectives", "regularizers", "networks", "training", "theory"},
    "report": {"report"},
    "errors": set(),
    "seeds": set(),
    "regular": set(),
    "room": set(),
    "prior": set(),
    "optimizer": set(),
    "normalisation": set(),
    "spectral": set(),
    "limits": {"errors"},
}
# What stands on top: runs know everything but the command line, which knows everything.
TOP = {"runs", "cli", "__init__", "__main__"}


def imports(file):
    """The parts of saddlepoint that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("saddlepoint."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "saddlepoint":
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_go_one_way(part):
    files = [SOURCE / f"{part}.py"] if (SOURCE / f"{part}.py").exists() else sorted((SOURCE / part).glob("*.py"))
    assert files
    for file in files:
        assert set(imports(file)) <= MAY_IMPORT[part], file


def test_every_part_has_its_row():
    parts = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert parts == MAY_IMPORT.keys() | TOP
    assert not any("cli" in set(imports(file)) for file in (SOURCE / "runs").glob("*.py"))


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
    said = {"data": {"name": "ring"}}
    full = config.completed(said, [kind], name)
    own = tomllib.loads((SOURCE / "recipes" / f"{name}.toml").read_text(encoding="utf-8"))
    told = {key for key, value in own.items() if isinstance(value, dict)}
    assert told <= set(full), "every table it says itself is used"


def test_a_recipe_is_chosen_by_data_and_objective():
    assert recipes.chosen(["ring", "plane", "vector"], None) == "ring"
    assert recipes.chosen(["ring", "plane", "vector"], "wgan") == "ring-wgan"
    assert recipes.chosen(["ring", "plane", "vector"], "r3gan") == "ring"
    assert recipes.chosen(["spiral", "plane", "vector"], "wgan_gp") == "plane"
    assert recipes.chosen(["images", "image"], None) == "image"
    full = config.completed(config.told([("objective", "hinge")]) | {"data": {"name": "x"}}, ["x", "image"], None)
    assert full["objective"] == {"name": "hinge"}


def test_a_recipe_may_start_from_another():
    own, base = recipes.tables("ring-hinge"), recipes.tables("ring")
    assert own["objective"] == {"name": "hinge"}, "nothing of the objective that was there before"
    assert own["network"] == base["network"]
    assert own["regularizer"] == {"r1": {"weight": 0.01}}, "through ring-non_saturating"
    assert "like" not in own


def test_a_game_has_the_last_word_on_the_recipe():
    data = {"data": {"name": "ring"}}
    kinds = ["ring", "plane", "vector"]
    told = config.told([("game", "infogan"), ("objective", "hinge")])
    full = config.completed(told | data, kinds, None)
    assert (full["recipe"], full["objective"]["name"], full["game"]["codes"]) == ("ring-infogan", "hinge", 8)
    told = config.told([("game", "gan"), ("objective", "hinge")])
    assert config.completed(told | data, kinds, None)["recipe"] == "ring-hinge"
    full = config.completed(config.told([("game", "vae")]) | data, ["spiral", "plane", "vector"], None)
    assert full["recipe"] == "plane"
    assert set(full) == {"format", "recipe", "data", "run", "game", "network", "optimizer", "watch"}
    with pytest.raises(ValueError, match="game 'vae' takes no prior; it takes spec, network"):
        config.completed(config.told([("game", "vae"), ("prior", "uniform")]) | data, kinds, None)


def test_the_public_names_are_all_there():
    for name in saddlepoint.__all__:
        assert getattr(saddlepoint, name) is not None
    assert saddlepoint.objectives is importlib.import_module("saddlepoint.objectives")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        saddlepoint.nothing  # noqa: B018
