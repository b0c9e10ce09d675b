"""Event files beside the lines: the same numbers, also after going on."""

import builtins
import importlib.util
import itertools
import json
import sys
import time

import pytest

TINY = ["--network.width", 8, "--run.threads", 1, "--batch", 16, "--run.judge", 0, "--watch.share", 0]
TINY += ["--run.log_every", 1, "--run.save_every", 2, "--run.picture_every", 1000]


def told(run):
    """The numbers in event files, by name and step."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "tensorboard")).Reload()
    return {name: {event.step: event.value for event in events.Scalars(name)} for name in events.Tags()["scalars"]}


def test_event_files_tell_what_the_lines_tell(saddle, tmp_path):
    run = tmp_path / "run"
    assert saddle("train", "ring", "--steps", 4, *TINY, "--log", "tensorboard", "--out", run)[0] == 0
    (run / "checkpoints" / "000000004.safetensors").unlink()
    assert saddle("resume", run, "--steps", 6, "--run.anneal", 0.9)[0] == 0
    lines = [json.loads(line) for line in (run / "scalars.jsonl").read_text().splitlines()]
    found = told(run)
    assert set(found) >= {"generator/total", "discriminator/total"}
    for name, values in found.items():
        assert values == pytest.approx({line["step"]: line[name] for line in lines if line["step"] and name in line})


def test_without_tensorboard_it_is_one_line(refused, monkeypatch, tmp_path):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "saddlepoint.runs.mirror.find_spec", lambda name: None if name == "tensorboard" else found(name)
    )
    line = refused("train", "ring", "--steps", 2, *TINY, "--log", "tensorboard", "--out", tmp_path / "run")
    assert "pip install saddlepoint[tensorboard]" in line
    assert not (tmp_path / "run").exists()
    assert "wanted one of lines, tensorboard" in refused("train", "ring", "--log", "tensorbord")


def test_progress_in_a_notebook_is_one_line_that_renews_itself(saddle, monkeypatch, tmp_path):
    clock = itertools.count()
    monkeypatch.setitem(sys.modules, "ipykernel", builtins)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    status, out, err = saddle("train", "ring", "--steps", 8, *TINY, "--out", tmp_path / "run")
    assert (status, err) == (0, "")
    (progress,) = [line for line in out.split("\n") if "ms a step" in line]
    assert progress.count("\rstep ") > 3
