"""How long a run will take, told before its first step, on clocks that are known."""

import json

import pytest
import torch

from saddlepoint.classifier import Classifier
from saddlepoint.configuration.tables import told
from saddlepoint.layers.growing import Grows
from saddlepoint.runs import pace
from saddlepoint.runs.run import Run
from saddlepoint.source import Shard

LAZY = {"regularizer.r1.weight": "1 every 4", "objective": "hinge", "network.width": 8}


def begun(folder, steps, **more):
    options = {
        "run.steps": steps,
        "run.judge": 0,
        "watch.share": 0,
        "run.batch": 16,
        "run.picture_every": 1000,
        **LAZY,
        **more,
    }
    return Run.begin(told([(name, str(value)) for name, value in options.items()]), "ring", None, str(folder), Shard())


@pytest.fixture
def clock(monkeypatch):
    """Time that goes by in steps alone: the first takes 100 s, one with the lazy term 7 s, another 3 s."""
    now, played = [0.0], []
    train = pace.train

    def ticking(*parts, **options):
        for number, step in enumerate(train(*parts, **options)):
            now[0] += 100 if number == 0 else 7 if step.index % 4 == 0 else 3
            played.append(step.index)
            yield step

    monkeypatch.setattr(pace, "train", ticking)
    monkeypatch.setattr(pace.time, "perf_counter", lambda: now[0])
    return played


def test_a_step_is_the_mean_of_those_with_and_without_lazy_terms(clock, tmp_path):
    run = begun(tmp_path / "run", 100_000)
    found = pace.forecast(run)
    assert found.step == pytest.approx((7 + 3 * 3) / 4), "the first is not counted"
    assert found.steps == pytest.approx(100_000 * found.step, rel=0.01)
    assert clock[:3] == [2, 3, 4]
    assert (found.classifier, found.judging) == (0, 0)


@pytest.mark.parametrize(("steps", "most"), [(1, 1), (2, 2), (10, 2), (300, 5)])
def test_asking_costs_a_small_part_of_the_run(steps, most, clock, tmp_path):
    pace.forecast(begun(tmp_path / "run", steps))
    assert 1 <= len(clock) <= most


def test_asking_changes_nothing(tmp_path):
    run, folder = begun(tmp_path / "run", 40), tmp_path / "run"
    before = {name: value.clone() for name, value in run.game.state_dict().items()}
    state, files = torch.get_rng_state(), sorted(folder.rglob("*"))
    assert pace.forecast(run).total > 0
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in run.game.state_dict().items())
    assert all(not optimizer.state for optimizer in run.optimizers.values())
    assert sorted(folder.rglob("*")) == files
    for _ in run.steps():
        pass
    unasked = begun(tmp_path / "unasked", 40)
    for _ in unasked.steps():
        pass
    for name, value in unasked.game.state_dict().items():
        assert torch.equal(value, run.game.state_dict()[name]), name


def test_what_is_fitted_at_once_has_no_pace(tmp_path):
    run = Run.begin(told([("game", "gaussian")]), "ring", None, str(tmp_path / "run"), Shard())
    assert pace.forecast(run) is None


def test_the_classifier_that_looks_want_is_fitted_before_the_first_step(saddle, tmp_path, monkeypatch):
    monkeypatch.setenv("SADDLEPOINT_CACHE", str(tmp_path / "cache"))
    fit, at = Classifier.fit, []

    def quick(*parts, **options):
        lines = (tmp_path / "run" / "scalars.jsonl").read_text().splitlines()
        if "tell" in options and "steps" not in options:
            at.append(json.loads(lines[-1])["step"])
        return fit(*parts, **{"steps": 3, **options})

    monkeypatch.setattr(Classifier, "fit", quick)
    told = ["--steps", 4, "--watch.every", 2, "--run.log_every", 2, "--run.judge", 0, "--network.width", 8]
    status, out, _ = saddle("train", "digits", "--out", tmp_path / "run", *told)
    assert status == 0
    assert at == [0]
    assert "time: about " in out
    assert "4 steps of " in out
    assert "fitting the classifier that judges " in out


def test_the_time_of_a_fit_goes_with_its_rows():
    few, many = (Classifier.seconds((2,), 3, rows) for rows in (100, 100_000))
    assert 0 < few < many < 60


@pytest.mark.parametrize("growth", [0, 500])
def test_what_grows_is_measured_at_its_full_size(growth, tmp_path, monkeypatch):
    """The smallest would take a fraction of the time and of the memory."""
    sizes = []
    faded = Grows.faded
    monkeypatch.setattr(Grows, "faded", lambda network, *maps: sizes.append(network.top) or faded(network, *maps))
    said = {"network": {"name": "progressive", "width": 4, "growth": growth}, "run": {"steps": 1000, "judge": 0}}
    run = Run.begin(said, "digits", None, str(tmp_path / "run"), Shard())
    assert run.memory.graph > 0
    assert pace.forecast(run) is not None
    run.release()
    assert set(sizes) == {(1, 1.0)}
