"""What is told of the recipes is what was measured, with the settings they have now."""

import importlib
import json
from pathlib import Path

import pytest

from saddlepoint.configuration import recipes

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def measured(monkeypatch):
    """The benchmark that measures recipes."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("recipes")


def test_what_a_recipe_tells_was_measured_with_its_settings(measured):
    names = {row["recipe"] for row in measured.kept("recipes")} & set(recipes.names())
    assert names
    told = {name: recipes.words(name)["result"] for name in sorted(names)}
    assert told == {name: measured.said(name) for name in sorted(names)}, "python benchmarks/recipes.py"


def test_the_table_of_results_holds_them_all(measured):
    page = (BENCHMARKS.parent / "docs" / "results.md").read_text(encoding="utf-8")
    assert page == measured.page(), "python benchmarks/recipes.py --write"


def test_no_result_names_a_folder_of_one_machine():
    commands = [
        json.loads(line)["command"]
        for file in sorted((BENCHMARKS / "results").glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    assert len(commands) > 100
    assert not [command for command in commands if any(Path(word).is_absolute() for word in command.split())]
