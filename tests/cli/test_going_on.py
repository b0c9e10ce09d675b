"""Going on with a run: longer, with its data elsewhere, otherwise than before; and new runs from a run's weights."""

import json
import shutil
import tomllib

import numpy as np
import pytest
import safetensors.torch

import saddlepoint
from saddlepoint.cli.app import main

TINY = ["--network.width", 8, "--run.threads", 1, "--batch", 16, "--run.judge", 20, "--watch.share", 0]
TINY += ["--run.picture_every", 1000]


def weights(run, step):
    return safetensors.torch.load((run / f"checkpoints/{step:09d}.safetensors").read_bytes())


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value.equal(other[name]), name


def config(run):
    return tomllib.loads((run / "config.toml").read_text())


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished run of 6 steps on a table of points."""
    folder = tmp_path_factory.mktemp("trained")
    np.save(folder / "points.npy", np.random.default_rng(0).normal(size=(60, 2)).round(3))
    with pytest.raises(SystemExit) as exit:
        main([str(x) for x in ["train", folder / "points.npy", "--steps", 6, *TINY, "--out", folder / "run"]])
    assert not exit.value.code
    return folder


@pytest.fixture
def run(trained, tmp_path):
    """A copy of it."""
    return shutil.copytree(trained / "run", tmp_path / "run")


def test_trained_longer_without_annealing_it_is_the_run_that_was_told_so_at_once(trained, saddle, tmp_path):
    even = ["train", trained / "points.npy", *TINY, "--run.anneal", 0]
    assert saddle(*even, "--steps", 4, "--out", tmp_path / "longer")[0] == 0
    assert saddle(*even, "--steps", 9, "--out", tmp_path / "at_once")[0] == 0
    status, out, err = saddle("resume", tmp_path / "longer", "--steps", 9)
    assert status == 0, err
    changed = "from step 4 on changed: run.steps 4 -> 9"
    assert err.strip() == f"saddle: {changed}; it is now, bit for bit, the run that was told 9 steps at once"
    assert "judged at step 9" not in out, "the newest is what is judged, as ever"
    assert_same(weights(tmp_path / "longer", 9), weights(tmp_path / "at_once", 9))
    assert config(tmp_path / "longer") == config(tmp_path / "at_once")
    scores = lines(tmp_path / "longer" / "scores.jsonl")
    assert {record["step"] for record in scores} == {4, 9}, "those of the shorter run stay"
    assert saddle("resume", tmp_path / "longer")[1].startswith(f"{tmp_path / 'longer'} is complete: 9 steps")


def test_a_run_stopped_before_its_rates_fell_may_be_made_longer_bit_for_bit(trained, saddle, tmp_path):
    told = ["train", trained / "points.npy", *TINY, "--run.save_every", 2, "--run.keep", 9]
    assert saddle(*told, "--steps", 8, "--out", tmp_path / "longer")[0] == 0
    assert saddle(*told, "--steps", 12, "--out", tmp_path / "at_once")[0] == 0
    for step in (6, 8):
        (tmp_path / f"longer/checkpoints/{step:09d}.safetensors").unlink()
    assert "bit for bit" in saddle("resume", tmp_path / "longer", "--steps", 12)[2]
    assert_same(weights(tmp_path / "longer", 12), weights(tmp_path / "at_once", 12))


def test_what_falling_rates_make_of_a_longer_run_is_said(run, saddle):
    status, _, err = saddle("resume", run, "--steps", 12)
    assert status == 0, err
    assert "its learning rates had fallen to 33.3% and go on at 100.0% as those of a run of 12 steps" in err
    assert "not quite the run that was told 12 at once" in err
    (event,) = [event for event in lines(run / "events.jsonl") if "changed" in event]
    assert event["step"] == 6
    assert event["changed"] == ["run.steps 6 -> 12"]
    assert "# step 6: changed: run.steps 6 -> 12" in saddle("show", run)[1]
    assert config(run)["run"]["steps"] == 12
    assert saddlepoint.load(run, "last").step == 12


def test_steps_count_the_whole_run(run, refused, saddle, tmp_path):
    before = {f: f.read_bytes() for f in run.rglob("*.*") if f.is_file() and f.name != ".lock"}
    assert "--steps: wanted at least the 6 that are done, got 5; it counts the whole run" in refused(
        "resume", run, "--steps", 5
    )
    assert {f: f.read_bytes() for f in before} == before
    told = ["--game", "gaussian", "--run.judge", 0, "--out", tmp_path / "fitted"]
    assert saddle("train", "ring", *told)[0] == 0
    assert "a gaussian is fitted at once" in refused("resume", tmp_path / "fitted", "--steps", 9)


def test_options_are_changed_on_purpose_and_recorded(run, saddle, refused):
    told = ["--steps", 8, "--optimizer.lr", 1e-4, "--regularizer.r2.weight", 0.5, "--run.batch", 8]
    assert saddle("resume", run, *told)[0] == 0
    found = config(run)
    assert (found["optimizer"]["lr"], found["run"]["batch"], found["regularizer"]["r2"]) == (1e-4, 8, {"weight": 0.5})
    (event,) = [event for event in lines(run / "events.jsonl") if "changed" in event]
    assert "regularizer.r2.weight absent -> 0.5" in event["changed"]
    assert "run.batch 16 -> 8" in event["changed"]
    assert any("discriminator/r2" in line for line in lines(run / "scalars.jsonl"))
    assert "did you mean 'batch'?" in refused("resume", run, "--run.btach", 8)
    assert "generator" in refused("resume", run, "--steps", 9, "--network.width", 16)
    assert config(run) == found, "what does not fit the weights changes nothing"
    assert saddle("resume", run, "--steps", 9, "--optimizer", "sgd", "--optimizer.lr", 0.01)[0] == 0


def test_a_configuration_changed_by_hand_may_be_meant(run, saddle, refused):
    text = (run / "config.toml").read_text()
    (run / "config.toml").write_text(text.replace("steps = 6", "steps = 7"))
    advice = refused("resume", run)
    assert "run.steps 6 -> 7" in advice
    assert f"change it on purpose: saddle resume {run} --run.steps 7" in advice
    assert saddle(*advice.strip().rpartition("saddle resume")[2].join(["resume", ""]).split())[0] == 0
    assert saddlepoint.load(run, "last").step == 7


def test_a_change_cut_short_is_made_by_the_same_command(run, saddle):
    before = (run / "config.toml").read_text()
    assert saddle("resume", run, "--steps", 8)[0] == 0
    (run / "config.toml").write_text(before)
    (run / "report.html").unlink()
    assert saddle("resume", run, "--steps", 8)[0] == 0
    assert config(run)["run"]["steps"] == 8


def test_data_that_has_moved_is_told_by_its_content(trained, run, saddle, refused, tmp_path):
    gone = tmp_path / "gone.npy"
    shutil.copy(trained / "points.npy", gone)
    assert saddle("train", gone, "--steps", 4, *TINY, "--out", tmp_path / "moved")[0] == 0
    (tmp_path / "moved/checkpoints/000000004.safetensors").rename(tmp_path / "taken away")
    gone.rename(tmp_path / "here.npy")
    line = refused("resume", tmp_path / "moved")
    assert f"its data is no longer at {gone}; say where it lies now: saddle resume {tmp_path / 'moved'} --data" in line
    np.save(tmp_path / "other.npy", np.random.default_rng(1).normal(size=(60, 2)))
    assert "content.sha256" in refused("resume", tmp_path / "moved", "--data", tmp_path / "other.npy")
    assert saddle("resume", tmp_path / "moved", "--data", tmp_path / "here.npy")[0] == 0
    assert config(tmp_path / "moved")["data"]["path"] == str(tmp_path / "here.npy")
    assert saddle("train", "ring", "--steps", 1, *TINY, "--out", tmp_path / "toy")[0] == 0
    assert "lies nowhere that it could move from" in refused("resume", tmp_path / "toy", "--data", gone)


def test_a_new_run_starts_from_the_weights_of_another(run, saddle, tmp_path):
    status, _, err = saddle(
        "train", "ring", "--from", run, "--steps", 1, "--optimizer.lr", 1e-12, "--out", tmp_path / "n"
    )
    assert (status, err) == (0, ""), err
    found, old = config(tmp_path / "n"), config(run)
    assert found["from"] == {"run": str(run), "step": 6}
    assert found["network"] == old["network"], "what is not said is as it was there"
    assert found["run"]["batch"] == 16
    assert found["run"]["seed"] == 0
    before, after = weights(run, 6), weights(tmp_path / "n", 0)
    for name, value in before.items():
        assert not name.startswith("game.") or value.equal(after[name]), name
    assert not any(name.startswith("optimizer.") for name in after)


def test_what_does_not_fit_is_listed(run, saddle, refused, tmp_path):
    told = ["train", "ring", "--from", run, "--steps", 1, "--run.judge", 0]
    status, _, err = saddle(*told, "--game.latent", 5, "--out", tmp_path / "n")
    assert status == 0
    assert "tensors do not fit" in err
    assert "start anew: " in err
    assert err.count("\n") == 1
    assert "--from" in refused(*told, "--game", "kde", "--out", tmp_path / "kde")
    assert "is no run folder" in refused("train", "ring", "--from", tmp_path / "nowhere")


def test_weights_that_are_not_finite_are_no_beginning(run, refused, tmp_path):
    file = run / "checkpoints/000000006.safetensors"
    with safetensors.safe_open(file, framework="pt") as opened:
        told = {key: value for key, value in opened.metadata().items() if key != "sha256"}
    broken = {n: v.fill_(float("nan")) if v.is_floating_point() else v for n, v in weights(run, 6).items()}
    safetensors.torch.save_file(broken, file, metadata=told)
    assert "its weights hold NaN or infinite numbers" in refused(
        "train", "ring", "--from", run, "--out", tmp_path / "n"
    )
    assert not (tmp_path / "n").exists()
    assert "samples hold NaN or infinite numbers" in refused("sample", run, "-n", 3, "-o", tmp_path / "s.npy")
    assert not (tmp_path / "s.npy").exists()


def test_what_is_judged_otherwise_is_judged_again(run, saddle):
    assert saddle("resume", run, "--run.judge", 30)[0] == 0
    counts = {record["counts"]["real"] for record in lines(run / "scores.jsonl") if "real" in record.get("counts", {})}
    assert counts == {30}


def test_a_runs_folder_is_no_data(run, refused):
    line = refused("train", run, "--steps", 1)
    assert f"`saddle resume {run} --steps N`" in line
    assert f"`saddle train DATA --from {run}`" in line


def test_a_run_says_how_to_train_it_longer_where_it_is_trained_again(trained, run, refused):
    assert f"saddle resume {run}` (longer: --steps)" in refused("train", trained / "points.npy", *TINY, "--out", run)


@pytest.mark.parametrize("label", [None, "a"])
@pytest.mark.parametrize("game", ["gan", "empirical"])
def test_few_samples_are_the_first_of_many(game, label, saddle, tmp_path):
    rows = [f"{x},{name}\n" for x in range(40) for name in "ab"]
    (tmp_path / "t.csv").write_text("x,kind\n" + "".join(rows))
    told = ["--data.label", "kind", "--game", game, "--steps", 1, "--run.judge", 0, "--out", tmp_path / "run"]
    status, out, _ = saddle("train", tmp_path / "t.csv", *told)
    assert status == 0
    assert out.endswith(f"more samples: saddle sample {tmp_path / 'run'} -n 1000 -o made.csv\n")
    asked = ["--label", label] if label else []
    made = {}
    for n in (1, 4, 70, 300):
        assert saddle("sample", tmp_path / "run", "-n", n, *asked, "-o", tmp_path / "s.csv")[0] == 0
        made[n] = (tmp_path / "s.csv").read_text().splitlines()
        assert len(made[n]) == n + 1
    for n in (1, 4, 70):
        assert made[n] == made[300][: n + 1]
