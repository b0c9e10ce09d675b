"""As long as there is time: what is chosen for it, on clocks that are known, and a real run."""

import json
import time
import tomllib

import numpy as np
import pytest

from saddlepoint.configuration.building import source_of
from saddlepoint.configuration.tables import told
from saddlepoint.runs import budget
from saddlepoint.runs.budget import Budget
from saddlepoint.runs.pace import Forecast
from saddlepoint.runs.run import Run
from saddlepoint.source import Shard


@pytest.fixture
def pace(monkeypatch):
    """A machine on which a step takes width^2 batch / 64 units of 50 us, judging 20 s, fitting the classifier 10 s."""

    def forecast(run):
        width, batch = run.config.get("network", {}).get("width", 0), run.settings.batch
        step = 50e-6 * width**2 * batch / 64
        return Forecast(step, step * run.settings.steps, 10.0, 20.0)

    monkeypatch.setattr(budget, "forecast", forecast)
    monkeypatch.setattr(budget.time, "monotonic", lambda: 0.0)


def chosen(tmp_path, minutes, data="patches", **options):
    said = told([(name.replace("__", "."), str(value)) for name, value in options.items()])
    run = Run.begin(said, data, None, str(tmp_path / "run"), Shard(), budget=Budget(minutes))
    run.release()
    return run.config


@pytest.mark.parametrize(
    ("minutes", "width"), [(60, 64), (20, 48), (4, 32), (2, 24), (1, 16)], ids=lambda one: str(one)
)
def test_the_widest_is_taken_that_gets_enough_steps(pace, tmp_path, minutes, width):
    config = chosen(tmp_path, minutes, data__size=16)
    steps = int((60 * minutes - 30) / (50e-6 * width**2))
    assert config["network"]["width"] == width
    assert config["run"]["steps"] == pytest.approx(steps, abs=1)
    assert config["run"]["steps"] >= 2.5 * width**2
    assert config["run"]["batch"] == 64


def test_what_is_said_is_not_chosen(pace, tmp_path):
    config = chosen(tmp_path / "width", 2, data__size=16, network__width=40)
    assert config["network"]["width"] == 40
    assert config["run"]["batch"] < 64, "of so wide a network there is time for less a step"
    config = chosen(tmp_path / "batch", 2, data__size=16, batch=32)
    assert (config["network"]["width"], config["run"]["batch"]) == (32, 32)


@pytest.mark.parametrize(("steps", "times"), [(5539, "8,300"), (130, "200"), (9, "14"), (1, "1.5")])
def test_what_is_hoped_says_in_plain_figures_how_often_each_picture_is_seen(steps, times):
    source = source_of({"name": "digits", "held_out": 0.97})
    words = Budget(20).hope({"run": {"steps": steps, "batch": 90}, "network": {"width": 32}}, source)
    assert f"20 min: {steps:,} steps of batch 90 and width 32, {steps * 90:,} samples" in words
    assert f", each of the {source.size:,} there are {times} times" in words


def test_of_points_the_steps_alone_are_chosen(pace, tmp_path):
    config = chosen(tmp_path, 2, "ring")
    assert config["network"]["width"] == 128
    assert config["run"]["batch"] == 256
    assert config["run"]["steps"] == pytest.approx(90 / (50e-6 * 128**2 * 4), abs=1)


def test_no_time_to_train_is_refused(pace, tmp_path, refused):
    said = "leave no time to train: fitting the classifier that judges and judging take about 30 s; take more, or --run"
    assert said in refused("train", "ring", "--minutes", "0.5", "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_cannot_go_with_minutes_is_refused(refused):
    for minutes in ("0", "-1", "inf", "nan", "1e9"):
        assert "--minutes: wanted a number above 0 and below" in refused("train", "ring", f"--minutes={minutes}")
    for steps in ("--steps", "--run.steps"):
        assert "--minutes and --steps both say how long" in refused("train", "ring", "--minutes", 1, steps, 5)
    fitted = refused("train", "ring", "--game", "gaussian", "--minutes", 1)
    assert "--minutes: a gaussian is fitted at once and takes no steps; leave it out" in fitted


def test_a_run_takes_about_as_long_and_a_resumed_one_does_not_choose_again(saddle, tmp_path):
    quiet = ["--run.judge", 0, "--watch.share", 0, "--run.threads", 1, "--run.picture_every", 1_000_000_000]
    began = time.monotonic()
    status, out, err = saddle("train", "ring", "--minutes", 0.1, *quiet, "--out", tmp_path / "run")
    assert status == 0, err
    assert time.monotonic() - began < 30
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert config["run"]["steps"] >= 20
    assert f"{config['run']['steps']} steps" in out
    assert f"0.1 min: {config['run']['steps']:,} steps of batch 256 and width 128" in err
    status, out, _ = saddle("resume", tmp_path / "run")
    assert status == 0
    assert f"is complete: {config['run']['steps']} steps" in out


def pictures(folder, count):
    rng = np.random.default_rng(0)
    folder.mkdir()
    np.save(folder / "x.npy", rng.random((count, 8, 8, 1), dtype=np.float32))
    return str(folder / "x.npy")


@pytest.mark.parametrize(
    ("steps", "said", "changed"),
    [
        (200, [], True),
        (100, [], False),
        (200, ["--regularizer", "r1"], False),
        (200, ["--recipe", "image"], False),
        (200, ["--game", "vae"], False),
    ],
)
def test_few_pictures_that_are_seen_often_are_changed(steps, said, changed, saddle, tmp_path):
    """A hundred pictures, 64 a step: each is seen 128 times in 200 steps, 64 times in 100."""
    told = ["--steps", steps, "--data.held_out", 0, "--network.width", 4, "--run.threads", 1, "--run.judge", 0]
    process = [*told, *said, "--watch.share", 0, "--out", tmp_path / "run"]
    status, _, err = saddle("train", pictures(tmp_path / "few", 100), *process)
    assert status == 0, err
    assert ("each of the 100 pictures is seen 128 times: the discriminator sees them changed by ada" in err) == changed
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert ("ada" in config.get("regularizer", {})) == changed
    if "--game" not in said:
        assert "r1" in config["regularizer"]
    if changed:
        scalars = [json.loads(line) for line in (tmp_path / "run" / "scalars.jsonl").read_text().splitlines()]
        assert "discriminator/strength" in scalars[-1]
        status, _, err = saddle(
            "train", tmp_path / "few" / "x.npy", "--from", tmp_path / "run", *told, "--out", tmp_path / "b"
        )
        assert status == 0, err
        assert "ada" in tomllib.loads((tmp_path / "b" / "config.toml").read_text())["regularizer"]


def test_minutes_count_what_few_pictures_need(pace, tmp_path):
    few = pictures(tmp_path / "few", 300)
    config = chosen(tmp_path, 20, few)
    assert "ada" in config["regularizer"]
    assert config["run"]["steps"] * config["run"]["batch"] / 300 > 80
