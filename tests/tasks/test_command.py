"""A task on the command line: written down, found again by whoever opens the run, refused in one line."""

import json
import shutil
import tomllib

import numpy as np
import pytest
from PIL import Image

from saddlepoint import tasks
from saddlepoint.configuration import recipes, tables
from saddlepoint.configuration.building import data_table, kinds_of, source_of
from saddlepoint.data.digits import digits
from saddlepoint.errors import BadData
from saddlepoint.saved.folder import RunFolder
from saddlepoint.source import Drawn
from saddlepoint.spec import Spec
from saddlepoint.task import Derived

# Fitted at once, whatever is given.
QUICK = ["--game", "gaussian", "--run.judge", 0]


@pytest.fixture
def mask(tmp_path):
    known = np.full((8, 8), 255, np.uint8)
    known[:3] = 0
    Image.fromarray(known).save(tmp_path / "mask.png")
    return tmp_path / "mask.png"


def test_tasks_are_listed_with_their_options(saddle):
    assert f"tasks          {', '.join(tasks.names())}" in saddle("list")[1]
    assert "hole" in saddle("list", "tasks")[1]
    assert (
        "--task.where                one of centre, random or a text; default centre"
        in saddle("list", "task", "hole")[1]
    )


def test_a_task_is_written_down_and_said(saddle, tmp_path):
    status, out, _ = saddle("train", "digits", "--task", "downscale", "--task.by", 2, *QUICK, "--out", tmp_path / "run")
    assert status == 0
    assert "data: digits (1 x 8 x 8), task downscale" in out
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert config["task"] == {"name": "downscale", "by": 2}
    told = json.loads((tmp_path / "run" / "data.json").read_text())
    assert told["spec"]["given"]["shape"] == [1, 4, 4]
    assert told["content"]["task"] == {"name": "downscale", "by": 2}
    assert "downscale by 2" in (tmp_path / "run" / "report.html").read_text()


def test_a_run_without_a_task_has_no_table_for_one(saddle, tmp_path):
    assert saddle("train", "digits", *QUICK, "--out", tmp_path / "run")[0] == 0
    assert "task" not in tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert "task" not in (tmp_path / "run" / "data.json").read_text()


def test_a_mask_is_found_from_wherever_the_run_is_opened(saddle, refused, mask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert saddle("train", "digits", "--task", "hole", "--task.where", "mask.png", *QUICK, "--out", "run")[0] == 0
    run = tmp_path / "run"
    assert tomllib.loads((run / "config.toml").read_text())["task"]["where"] == str(mask)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "is complete" in saddle("resume", run)[1]
    mask.rename(tmp_path / "moved.png")
    assert f"no mask is at '{str(mask)[:20]}" in refused("resume", run)
    assert "changed: task.where" in saddle("resume", run, "--task.where", "../moved.png")[2]
    assert tomllib.loads((run / "config.toml").read_text())["task"]["where"] == str(tmp_path / "moved.png")
    Image.fromarray(np.eye(8, dtype=np.uint8) * 255).save(tmp_path / "moved.png")
    assert "the data has changed since the last checkpoint: content.task.sha256" in refused("resume", run)


def test_a_word_is_no_file_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "centre").write_text("")
    assert tables.task_of({"task": {"name": "hole", "where": "centre"}}, None) == {
        "name": "hole", "where": "centre", "share": 0.5, "holes": 1
    }  # fmt: skip


def test_who_judges_a_run_asks_by_its_task(saddle, tmp_path):
    run = tmp_path / "run"
    assert saddle("train", "digits", "--task", "hole", *QUICK, "--out", run)[0] == 0
    seen = source_of(data_table("digits", {}), {"name": "hole"}).digest
    for against in ([], ["--against", "digits"], ["--against", run]):
        assert saddle("judge", run, "--metrics", "sliced_wasserstein", "--features", "values", *against)[0] == 0
        scores = [line for line in RunFolder(run).lines("scores") if line["metric"] == "sliced_wasserstein"]
        assert {line["reference"] for line in scores} == {seen}


def test_a_recipe_and_another_run_bring_their_tasks(saddle, tmp_path, refused):
    one, other = tmp_path / "one", tmp_path / "other"
    assert saddle("train", "digits", "--task", "downscale", "--task.by", 2, *QUICK, "--out", one)[0] == 0
    assert saddle("train", "digits", "--recipe", one / "config.toml", *QUICK, "--task.by", 8, "--out", other)[0] == 0
    assert RunFolder(other).config()["task"] == {"name": "downscale", "by": 8}
    like = RunFolder(one).config()
    assert tables.task_of({}, None, like) == {"name": "downscale", "by": 2}
    assert tables.task_of({"task": {"name": "noise"}}, None, like) == {"name": "noise", "std": 0.2}
    assert tables.task_of({}, None) is None
    shutil.copy(one / "config.toml", tmp_path / "mine.toml")
    (tmp_path / "mine.toml").write_text('[task]\nname = "downscal"\n')
    assert "task 'downscal' is not known; did you mean 'downscale'?" in refused(
        "train", "digits", "--recipe", tmp_path / "mine.toml"
    )


def test_a_task_of_ones_own_is_named_by_its_file(saddle, refused, tmp_path):
    (tmp_path / "mine.py").write_text(OWN)
    run = tmp_path / "run"
    assert (
        saddle("train", "digits", "--task", f"{tmp_path}/mine.py:darker", *QUICK, "--task.by", 3, "--out", run)[0] == 0
    )
    assert RunFolder(run).config()["task"] == {"name": f"{tmp_path}/mine.py:darker", "by": 3.0}
    assert "names code that is not saddlepoint's own" in refused("resume", run)


OWN = """
from saddlepoint.ranges import Scale
from saddlepoint.task import Task

def darker(spec, *, by: Scale = 2.0):
    return Task(spec.unasked, lambda x, source: (x + 1) / by - 1)
"""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["--task", "downscal"], "task 'downscal' is not known; did you mean 'downscale'?"),
        (["--task", "hole", "--task.wher", "x"], "option of task 'hole' 'wher' is not known; did you mean 'where'?"),
        (["--task", "downscale", "--task.by", "1"], "task.by: wanted a whole number from 2 to 64, got '1'"),
        (["--task.by", "4"], "--task is needed; there are: downscale, edges, grey, hole, noise"),
        (["--task", "grey"], "task grey wants pictures in colour, got grey ones already"),
        (["--task", "hole", "--task.where", "msk.png"], "no mask is at 'msk.png'"),
    ],
)
def test_what_cannot_be_is_refused(said, words, refused, tmp_path):
    assert words in refused("train", "digits", *said, "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_tables_have_no_tasks(refused):
    assert "task hole wants images, got vectors of 2 numbers" in refused("train", "ring", "--task", "hole")


def test_data_in_which_something_is_given_has_none():
    spec = Spec((3, 8, 8), bounds=(-1.0, 1.0), given=Spec((1, 8, 8)))
    pairs = Drawn(spec, lambda n, source: (None, None), identity={})
    with pytest.raises(BadData, match="of these another is given already; leave --task out"):
        Derived(pairs, tasks.build("downscale", spec))


def test_kinds_for_a_recipe_go_from_the_most_special_to_the_least():
    source = digits()
    assert kinds_of("digits", source) == ["digits", "image"]
    assert kinds_of("digits", source_of(data_table("digits", {}), {"name": "hole"}), {"name": "hole"}) == [
        "hole", "given_image", "digits", "image"
    ]  # fmt: skip
    for given, kind in ((Spec((4,)), "given_numbers"), (Spec((9,), words=("a", "b")), "given_text")):
        asked = Drawn(Spec((2,), given=given), lambda n, source: (None, None), identity={})
        assert kinds_of("mine", asked) == [kind, "mine", "plane", "vector"]
    source.domains = True
    assert kinds_of("digits", source) == ["digits", "domains", "image"]


def test_a_recipe_that_is_chosen_brings_no_task_but_its_own():
    for name in recipes.names():
        task = recipes.tables(name).get("task", {})
        assert task.get("name") in (None, name.partition("-")[0])
