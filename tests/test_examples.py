"""Every example runs by itself, says its numbers, and leaves one picture; none is long."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("[0-9]*.py"))


# These draw against the steps that they count on.
FEWER = {
    "13_gan": {"2500, 2e-3, (10, 100, 300, 1000, 2500)": "100, 2e-3, (10, 20, 30, 50, 100)"},
    "15_wasserstein": {"1200, 40, 5e-4": "200, 40, 5e-4"},
    "19_whose_job_is_easier": {"(0, 100, 300, 1000, 2000), 200, 5": "(0, 10, 20, 30, 40), 50, 5"},
    "27_cyclegan": {"400, 1e-3": "100, 1e-3", "range(50, 401, 50)": "range(50, 101, 50)"},
    "28_unit": {"STEPS, ROWS = 300": "STEPS, ROWS = 100"},
}
# Else an eighth of the steps: enough to see that it runs, not to see what it shows.
SHORT = """
import itertools, json, sys
from pathlib import Path

def islice(items, *ends):
    return itertools.islice(items, *(end // 8 if end and end >= 200 else end for end in ends))

script, fewer = Path(sys.argv.pop(1)), json.loads(sys.argv.pop(1))
sys.path.insert(0, str(script.parent))
code = script.read_text(encoding="utf-8")
for usual, here in fewer.items():
    assert usual in code, usual
    code = code.replace(usual, here)
if not fewer:
    if "_pictures" in code:
        __import__("_pictures").islice = islice
    code = code.replace("from itertools import islice\\n", "")
exec(compile(code, str(script), "exec"), {"__name__": "__main__", "__file__": str(script), "islice": islice})
"""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_runs_and_leaves_one_picture(example, tmp_path):
    fewer = json.dumps(FEWER.get(example.stem, {}))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SHORT, str(example), fewer, str(tmp_path)],
        capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert any(character.isdigit() for character in done.stdout), "it prints what it found"
    (made,) = tmp_path.iterdir()
    assert made.name == f"{example.stem}.png"
    with Image.open(made) as picture:
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 3, "not an empty page"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_short_and_shown(example):
    assert len(example.read_text(encoding="utf-8").splitlines()) < 60
    page = (ROOT / "docs" / "lectures.md").read_text(encoding="utf-8")
    assert f"lectures/{example.stem}.png" in page
    assert f"examples/{example.name}" in page
    assert (ROOT / "docs" / "lectures" / f"{example.stem}.png").exists()


def test_they_are_numbered_without_a_gap():
    assert [int(file.stem[:2]) for file in EXAMPLES] == list(range(1, len(EXAMPLES) + 1))
