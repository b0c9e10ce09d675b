"""What CONTRIBUTING shows works as it stands: a new file on a shelf is trained by name, and nothing else is touched."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import saddlepoint

PAGE = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = {
    Path(name): text
    for name, text in re.findall(r"`src/saddlepoint/([\w/]+\.py)`.*?```python\n(.*?)```", PAGE, re.DOTALL)
}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the package with the files that the page shows."""
    root = tmp_path_factory.mktemp("house")
    shutil.copytree(
        Path(saddlepoint.__file__).parent, root / "saddlepoint", ignore=shutil.ignore_patterns("__pycache__")
    )
    for file, text in FILES.items():
        assert not (root / "saddlepoint" / file).exists(), "new"
        (root / "saddlepoint" / file).write_text(text, encoding="utf-8")
    return root


def saddle(house, *arguments):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "saddlepoint", *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "PYTHONPATH": str(house)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_shows_an_objective_and_a_game():
    assert sorted(file.parent.name for file in FILES) == ["games", "objectives"]


@pytest.mark.parametrize("file", FILES, ids=str)
def test_one_new_file_is_listed_trained_resumed_and_sampled_by_name(file, house, tmp_path):
    shelf, name = file.parent.name, file.stem
    assert name in saddle(house, "list", shelf)
    (option,) = re.findall(r"--(\w+\.\w+)", saddle(house, "list", shelf, name))[:1]
    told = [
        "ring",
        f"--{shelf[:-1]}",
        name,
        f"--{option}",
        2,
        "--network.width",
        8,
        "--steps",
        20,
        "--batch",
        16,
        "--run.judge",
        100,
    ]
    out = saddle(house, "train", *told, "--out", tmp_path / "run")
    assert name in out
    assert "modes.covered" in out
    assert json.loads((tmp_path / "run" / "scalars.jsonl").read_text().splitlines()[-1])["step"] == 20
    assert "is complete" in saddle(house, "resume", tmp_path / "run")
    saddle(house, "sample", tmp_path / "run", "-n", 5, "-o", tmp_path / "s.csv")
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 6


def test_the_laws_find_it(house):
    """The tests over everything registered run over the new files without being told of them."""
    tests = Path(__file__).parent
    names = " or ".join(file.stem for file in FILES)
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tests.parent),
            "-o", "addopts=--import-mode=importlib", "-k", names, str(tests / "laws"),
        ],
        capture_output=True, text=True, timeout=300, check=False, cwd=tests.parent,
        env={**os.environ, "PYTHONPATH": str(house)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"(\d+) passed", done.stdout)[-1]) > 20
