"""What the README shows works as it stands."""

import re
import shlex
from pathlib import Path

import pytest

from saddlepoint.cli.train import pairs
from saddlepoint.configuration import recipes
from saddlepoint.configuration.tables import told

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language, page=README):
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_ten_lines_run(capsys):
    (code,) = blocks("python")
    assert len(code.splitlines()) <= 13
    exec(compile(code, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert "generator/total" in out
    assert out.rstrip().endswith("])"), "five points of the plane"


PAGES = [README, (ROOT / "docs" / "lectures.md").read_text(encoding="utf-8")]
LINES = [line for page in PAGES for block in blocks("sh", page) for line in block.splitlines()]


@pytest.mark.parametrize("line", [line for line in LINES if "saddle train" in line])
def test_every_option_shown_exists(line):
    words = shlex.split(line, comments=True)
    options = words[words.index("train") + 2 :]
    for flag in ("--recipe", "--from", "--minutes"):
        if flag in options:
            place = options.index(flag)
            assert flag != "--recipe" or options[place + 1] in recipes.names()
            del options[place : place + 2]
    told(pairs(tuple(options)))


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("python examples/")])
def test_every_script_shown_exists(line):
    assert (ROOT / shlex.split(line, comments=True)[1]).exists()


def test_every_picture_and_page_shown_exists():
    shown = re.findall(r"\]\(([^)#]+)\)", README)
    assert "docs/digits.png" in shown
    for target in shown:
        assert (ROOT / target).exists(), target
    for page in ("lectures", "results", "collapse"):
        text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (ROOT / "docs" / target).exists(), target


def test_everything_registered_is_in_the_table():
    from saddlepoint import data, games, networks, objectives, priors, regularizers
    from saddlepoint.training.solvers import SOLVERS

    toys = {"ring", "grid", "spiral", "moons", "swiss_roll", "checkerboard", "mixture"}
    things = {*SOLVERS} | (set(data.names()) - toys)
    for package in (games, networks, objectives, priors, regularizers):
        things |= set(package.names())
    assert {name for name in things if f"`{name}`" not in README} == set()
