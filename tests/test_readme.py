"""What the README shows works as it stands."""

import re
import shlex
from pathlib import Path

import pytest

from saddlepoint.cli.train import pairs
from saddlepoint.runs.config import told

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_ten_lines_run(capsys):
    (code,) = blocks("python")
    assert len(code.splitlines()) <= 13
    exec(compile(code, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert "generator/total" in out
    assert out.rstrip().endswith("])"), "five points of the plane"


@pytest.mark.parametrize(
    "line", [line for block in blocks("sh") for line in block.splitlines() if "saddle train" in line]
)
def test_every_option_shown_exists(line):
    words = shlex.split(line, comments=True)
    told(pairs(tuple(words[words.index("train") + 2 :])))


def test_every_picture_and_page_shown_exists():
    shown = re.findall(r"\]\(([^)#]+)\)", README)
    assert "docs/digits.png" in shown
    for target in shown:
        assert (Path(__file__).parent.parent / target).exists(), target


def test_everything_registered_is_in_the_table():
    from saddlepoint import data, games, networks, objectives, priors, regularizers
    from saddlepoint.training.solvers import SOLVERS

    toys = {"ring", "grid", "spiral", "moons", "swiss_roll", "checkerboard", "mixture"}
    things = {*SOLVERS} | (set(data.names()) - toys)
    for package in (games, networks, objectives, priors, regularizers):
        things |= set(package.names())
    assert {name for name in things if f"`{name}`" not in README} == set()
