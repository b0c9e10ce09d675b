"""`saddle judge` and `saddle compare`: scores that say how they were made, and what is refused."""

import json
import shutil

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from PIL import Image
from safetensors import safe_open

import saddlepoint
from saddlepoint import data
from saddlepoint.saved.folder import RunFolder

TINY = ["--network.width", 8, "--run.threads", 1, "--batch", 16, "--run.judge", 100, "--run.picture_every", 1000]


def scores(path):
    return {record["metric"]: record for record in map(json.loads, path.read_text().splitlines())}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Two short runs on the ring."""
    from saddlepoint.cli.app import main

    folder = tmp_path_factory.mktemp("trained")
    for seed in (0, 1):
        told = ["train", "ring", "--steps", 5, *TINY, "--seed", seed, "--out", folder / str(seed)]
        with pytest.raises(SystemExit) as exit:
            main([str(one) for one in told])
        assert not exit.value.code
    return folder


@pytest.fixture
def runs(trained, tmp_path):
    """Copies of two short runs on the ring."""
    for seed in "01":
        shutil.copytree(trained / seed, tmp_path / seed)
    return tmp_path / "0", tmp_path / "1"


def test_a_score_says_what_it_was_made_with_and_what_real_data_gets(runs, saddle):
    told = ["judge", runs[0], "--metrics", "sliced_wasserstein", "-n", 400, "--seed", 3]
    status, out, _ = saddle(*told)
    assert status == 0
    assert out.startswith("sliced_wasserstein ")
    assert "] (real data: 0.0" in out
    found = scores(runs[0] / "scores.jsonl")
    record = found["sliced_wasserstein"]
    assert record["low"] < record["value"] < record["high"]
    assert 0 < record["floor"] < record["value"] / 5
    expected = {"counts": {"real": 400, "fake": 400}, "features": "values", "seed": 3, "step": 5}
    assert record.items() >= expected.items()
    assert record["code"] == saddlepoint.__version__
    assert len(record["reference"]) == 12
    assert len(record["metric_version"]) == 8
    assert found.keys() > {"modes.covered"}, "other scores of the run stay"
    saddle(*told)
    assert scores(runs[0] / "scores.jsonl")["sliced_wasserstein"] == record, "the same command, the same score"


def test_like_is_compared_with_like(runs, saddle):
    status, out, err = saddle("compare", *runs)
    assert (status, err) == (0, "")
    header, *rows = out.splitlines()
    assert header.split()[:3] == ["metric", str(runs[0]), str(runs[1])]
    assert any(row.split()[0] == "modes.covered" for row in rows)


UNLIKE = {
    "counts of real differ: 500 ": ["-n", 300],
    "features differ: values ": ["-n", 500, "--features", "squares.onnx"],
    "references differ: ": ["-n", 500, "--against", "grid"],
}


@pytest.mark.parametrize("reason", UNLIKE)
def test_what_is_unlike_is_refused_with_the_reason(reason, runs, saddle, network, monkeypatch):
    monkeypatch.chdir(network.parent)
    for run, told in zip(runs, (["-n", 500], UNLIKE[reason]), strict=True):
        (run / "scores.jsonl").unlink()
        status, _, err = saddle("judge", run, "--metrics", "sliced_wasserstein", *told)
        assert status == 0, err
    status, _, err = saddle("compare", *runs)
    assert status == 2
    assert reason in err
    assert "judge again with the same --" in err


def test_scores_of_another_version_of_the_metric_are_refused(runs, saddle):
    file = runs[1] / "scores.jsonl"
    version = scores(file)["modes.covered"]["metric_version"]
    file.write_text(file.read_text().replace(version, "00000000"))
    status, _, err = saddle("compare", *runs)
    assert status == 2
    assert f"versions of the metric differ: {version} ({runs[0]}), 00000000 ({runs[1]})" in err


@pytest.fixture
def network(tmp_path):
    """A network that squares coordinates, as ONNX."""
    shape = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Mul", ["x", "x"], ["y"])], "squares", shape[:1], shape[1:])
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), tmp_path / "squares.onnx")
    return tmp_path / "squares.onnx"


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_a_network_of_ones_own_gives_features(runs, saddle, refused, network, tmp_path):
    torch.jit.trace(torch.nn.Flatten(), torch.zeros(1, 2)).save(tmp_path / "flat.pt")
    for file in (network, tmp_path / "flat.pt"):
        status, _, err = saddle("judge", runs[0], "--features", file, "--metrics", "sliced_wasserstein", "-n", 100)
        assert status == 0, err
        record = scores(runs[0] / "scores.jsonl")["sliced_wasserstein"]
        assert record["features"] == file.stem
        assert len(record["features_digest"]) == 12
    network.write_bytes(b"no network")
    assert "cannot be read as ONNX" in refused("judge", runs[0], "--features", network)
    (tmp_path / "flat.pt").write_bytes(b"no network")
    assert "cannot be read as TorchScript" in refused("judge", runs[0], "--features", tmp_path / "flat.pt")
    assert "there is no such file" in refused("judge", runs[0], "--features", tmp_path / "none.pt")
    assert "did you mean 'classifier'?" in refused("judge", runs[0], "--features", "clasifier")


def test_samples_in_a_file_are_judged_like_the_run_that_made_them(runs, saddle, tmp_path):
    saddle("sample", runs[0], "-n", 600, "-o", tmp_path / "s.npy")
    saddle("judge", runs[0], "--metrics", "sliced_wasserstein", "-n", 600)
    status, _, err = saddle(
        "judge",
        tmp_path / "s.npy",
        "--against",
        "ring",
        "--metrics",
        "sliced_wasserstein",
        "-n",
        600,
        "-o",
        tmp_path / "s.jsonl",
    )
    assert status == 0, err
    of_run, of_file = scores(runs[0] / "scores.jsonl"), scores(tmp_path / "s.jsonl")
    for metric, record in of_file.items():
        assert record["value"] == pytest.approx(of_run[metric]["value"], rel=1e-6)
    status, out, err = saddle("compare", runs[0], tmp_path / "s.jsonl")
    assert "sliced_wasserstein" in out


def test_a_table_is_judged_by_the_names_of_columns_and_categories(saddle, refused, tmp_path):
    rng = np.random.default_rng(0)
    rows = [f"{rng.normal():.3f},{pet}\n" for pet in rng.choice(["cat", "dog", "owl"], 300)]
    (tmp_path / "real.csv").write_text("size,pet\n" + "".join(rows))
    turned = [",".join(reversed(row.strip().split(","))) + "\n" for row in rows if "cat" not in row]
    (tmp_path / "fake.csv").write_text("pet,size\n" + "".join(turned))
    told = ["--against", tmp_path / "real.csv", "--metrics", "columns", "-o", tmp_path / "s.jsonl"]
    status, _, err = saddle("judge", tmp_path / "fake.csv", *told)
    assert status == 0, err
    worst = scores(tmp_path / "s.jsonl")["columns.worst"]["value"]
    assert worst == pytest.approx(sum("cat" in row for row in rows) / 300, abs=0.08), "no cats, owls are no dogs"
    (tmp_path / "fake.csv").write_text("pet,size\nyak,1\ndog,2\n")
    assert "'yak' is not among those of the reference: cat, dog, owl" in refused("judge", tmp_path / "fake.csv", *told)
    (tmp_path / "fake.csv").write_text("pet,weight\ncat,1\ndog,2\n")
    assert "column 'size' is missing" in refused("judge", tmp_path / "fake.csv", *told)


def test_other_data_is_said_by_against_and_seen_through_the_runs_task(runs, saddle, refused, tmp_path):
    said = refused("judge", runs[0], "--data", "digits", "--metrics", "l1")
    assert "to judge by other data than the run's own say --against digits" in said
    x = data.build("digits").held_out().x
    np.save(tmp_path / "mine.npy", x[:80].numpy())
    quick = ["--game.adversarial", 0, "--network.width", 2, "--steps", 2, "--run.judge", 0]
    status, _, err = saddle("train", "digits", "--task", "downscale", "--task.by", 2, *quick, "--out", tmp_path / "run")
    assert status == 0, err
    told = ["--against", tmp_path / "mine.npy", "--metrics", "l1", "-o", tmp_path / "s.jsonl"]
    status, _, err = saddle("judge", tmp_path / "run", *told)
    assert status == 0, err
    record = scores(tmp_path / "s.jsonl")["l1"]
    assert 0 < record["value"] < 1
    assert "given" in record["costless"]


def test_labels_of_samples_are_found_by_name_or_number(saddle, refused, tmp_path):
    held = data.build("digits").held_out()
    np.savez(tmp_path / "s.npz", x=held.x.numpy(), y=held.y.numpy())
    told = ["--against", "digits", "--metrics", "class_accuracy", "-o", tmp_path / "s.jsonl"]
    status, _, err = saddle("judge", tmp_path / "s.npz", *told)
    assert status == 0, err
    assert scores(tmp_path / "s.jsonl")["class_accuracy"]["value"] > 0.97
    few = held.y >= 8
    np.savez(tmp_path / "s.npz", x=held.x[few].numpy(), y=held.y[few].numpy())
    saddle("judge", tmp_path / "s.npz", *told)
    assert scores(tmp_path / "s.jsonl")["class_accuracy"]["value"] > 0.9, "8 and 9 are not taken for 0 and 1"
    np.savez(tmp_path / "s.npz", x=held.x.numpy(), y=held.y.numpy() + 5)
    assert "s.npz: label '10' is not known; did you mean '1'?" in refused("judge", tmp_path / "s.npz", *told)


def test_labels_are_names_where_classes_are_called_by_numbers(saddle, refused, tmp_path):
    """Classes 1 to 3, as of letters: samples labelled 1 and 2 are of the first two, not of the last."""
    x = np.repeat([0.0, 5.0, 10.0], 20)[:, None] + np.random.default_rng(0).normal(0, 0.1, (60, 2))
    np.savez(tmp_path / "real.npz", x=x, y=np.repeat([1, 2, 3], 20))
    told = ["--against", tmp_path / "real.npz", "--metrics", "class_accuracy", "-n", 30, "-o", tmp_path / "s.jsonl"]
    for few in (slice(0, 40), slice(0, 60)):
        np.savez(tmp_path / "fake.npz", x=x[few], y=np.repeat([1, 2, 3], 20)[few])
        status, _, err = saddle("judge", tmp_path / "fake.npz", *told)
        assert status == 0, err
        assert scores(tmp_path / "s.jsonl")["class_accuracy"]["value"] == 1
    np.savez(tmp_path / "fake.npz", x=x, y=np.repeat([0, 1, 2], 20))
    assert "label '0' is not known; there are: 1, 2, 3" in refused("judge", tmp_path / "fake.npz", *told)


def test_a_folder_of_images_is_judged(saddle, refused, tmp_path):
    for folder, level in (("real", 0), ("fake", 60)):
        (tmp_path / folder).mkdir()
        for i in range(24):
            noise = np.random.default_rng(i + level).integers(level, 190, (12, 9), dtype=np.uint8)
            Image.fromarray(noise).save(tmp_path / folder / f"{i}.png")
    told = ["--against", tmp_path / "real", "--metrics", "sharpness", "-o", tmp_path / "s.jsonl"]
    status, _, err = saddle("judge", tmp_path / "fake", *told)
    assert status == 0, err
    record = scores(tmp_path / "s.jsonl")["sharpness"]
    assert record["value"] < record["floor"]
    Image.new("L", (9, 9)).save(tmp_path / "fake" / "0.png")
    assert "differ in size" in refused("judge", tmp_path / "fake", *told)


def test_what_cannot_be_judged_is_one_line(runs, refused, tmp_path):
    np.save(tmp_path / "wide.npy", np.zeros((50, 3), np.float32))
    said = refused("judge", tmp_path / "wide.npy", "--against", "ring")
    assert "samples of shape 3 cannot be judged against a reference of shape 2" in said
    np.save(tmp_path / "nan.npy", np.full((50, 2), np.nan, np.float32))
    assert "nan.npy" in refused("judge", tmp_path / "nan.npy", "--against", "ring")
    assert "say what against: --against DATA" in refused("judge", tmp_path / "wide.npy")
    (tmp_path / "empty").mkdir()
    assert "is no run's folder" in refused("judge", tmp_path / "empty")
    assert "empty" in refused("judge", tmp_path / "empty", "--against", "ring")
    said = refused("judge", runs[0], "--metrics", "class_accuracy")
    assert "class_accuracy: the model cannot be asked for a class" in said
    assert "did you mean 'modes'?" in refused("judge", runs[0], "--metrics", "moods")
    assert "--samples: wanted at least 1 sample and at most the 1,442 that the reference has" in refused(
        "judge", runs[0], "--against", "digits", "-n", 5000
    )
    assert "--samples: wanted at least 1 sample, got 0" in refused("judge", runs[0], "-n", 0)
    assert "knows no density" in refused("judge", runs[0], "--metrics", "log_likelihood")
    (runs[1] / "scores.jsonl").unlink()
    assert "holds no scores; make some with `saddle judge" in refused("compare", *runs)
    assert "config.toml, line 1: wanted a score" in refused("compare", runs[0], runs[1] / "config.toml")
    assert "there is none" in refused("compare", runs[0], tmp_path / "nothing")
    assert "at least two different" in refused("compare", runs[0], runs[0])


def test_what_real_data_gets_is_a_fair_draw_and_no_copies(saddle, tmp_path):
    """Held-out samples lie in their files' order, by class: the floor takes them in random order."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(10), 60)
    x = (rng.normal(size=(600, 2)) + 50 * y[:, None]).astype(np.float32)
    np.savez(tmp_path / "real.npz", x=x, y=y)
    told = ["--against", tmp_path / "real.npz", "--metrics", "frechet,memorisation,classifier_two_sample"]
    status, _, err = saddle("judge", tmp_path / "real.npz", *told, "-n", 50, "-o", tmp_path / "s.jsonl")
    assert status == 0, err
    found = scores(tmp_path / "s.jsonl")
    assert found["frechet"]["floor"] < 0.2 * 600 * 50**2 / 12
    assert found["classifier_two_sample.accuracy"]["floor"] < 0.8
    assert found["memorisation.copies"]["floor"] < 0.2
    assert 0.3 < found["memorisation.nearer"]["floor"] < 0.7


def test_a_run_is_not_judged_by_other_classes(saddle, refused, tmp_path):
    for name, classes in (("two", 2), ("three", 3)):
        y = np.arange(60) % classes
        np.savez(tmp_path / f"{name}.npz", x=np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32), y=y)
    status, _, err = saddle("train", tmp_path / "two.npz", "--steps", 2, *TINY, "--out", tmp_path / "run")
    assert status == 0, err
    said = refused("judge", tmp_path / "run", "--against", tmp_path / "three.npz")
    assert "was trained on the classes 0, 1; the reference has 0, 1, 2: judge it against its own" in said


def test_features_stand_beside_each_other(runs, saddle, network):
    for features in ([], ["--features", network]):
        for run in runs:
            assert saddle("judge", run, "--metrics", "frechet", "-n", 200, *features)[0] == 0
    status, out, err = saddle("compare", *runs)
    assert (status, err) == (0, "")
    assert {"frechet (values)", "frechet (squares)"} <= {line.split("  ")[0] for line in out.splitlines()}


def test_scores_that_do_not_say_how_they_were_made_are_not_compared(runs, saddle, tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"metric": "fid", "value": 3.0}) + "\n")
    status, _, err = saddle("compare", tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert status == 2
    assert "does not say how it was measured" in err


def test_a_network_that_cannot_take_the_samples_is_told(runs, refused, tmp_path):
    shape = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 5]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Mul", ["x", "x"], ["y"])], "squares", shape[:1], shape[1:])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(made, tmp_path / "wide.onnx")
    said = refused("judge", runs[0], "--features", tmp_path / "wide.onnx", "--metrics", "frechet")
    assert "wanted a network that takes any number of 2 samples" in said


def test_a_diverged_run_has_its_page_and_a_reason(runs, refused, saddle):
    from safetensors.torch import load_file, save_file

    file = max((runs[0] / "checkpoints").iterdir())
    with safe_open(file, framework="pt") as opened:
        told = opened.metadata()
    broken = {
        name: torch.full_like(v, torch.nan) if v.is_floating_point() else v for name, v in load_file(file).items()
    }
    save_file(broken, file, metadata={key: value for key, value in told.items() if key != "sha256"})
    (runs[0] / "report.html").unlink()
    said = refused("resume", runs[0])
    assert "hold NaN or infinite numbers and cannot be judged; of a run, `saddle diagnose` says since when" in said
    assert (runs[0] / "report.html").exists()


def test_the_reference_may_be_another_runs_data_and_read_otherwise(saddle, refused, tmp_path):
    told = ["--steps", 4, "--batch", 16, "--network.width", 8, "--run.judge", 0, "--run.threads", 1]
    for name in ("ring", "grid"):
        assert saddle("train", name, *told, "--out", tmp_path / name)[0] == 0
    asked = ["judge", tmp_path / "ring", "--metrics", "sliced_wasserstein", "--samples", 50]
    assert saddle(*asked)[0] == 0
    assert saddle(*asked, "--data.radius", 5)[0] == 0
    assert saddle(*asked, "--against", tmp_path / "grid")[0] == 0
    own, wide, other = RunFolder(tmp_path / "ring").lines("scores")
    assert wide["value"] > own["value"] + 1
    assert len({own["reference"], wide["reference"], other["reference"]}) == 3
    assert "option of data 'radios' is not known; did you mean 'radius'?" in refused(*asked, "--data.radios", 5)
    assert "--run: judge takes options of data alone" in refused(*asked, "--run.seed", 5)
