"""Whole runs through the command: trained, stopped, resumed, sampled, refused."""

import csv
import itertools
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
import tomllib

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

import saddlepoint
from saddlepoint import data, games, networks
from saddlepoint.errors import BadOption, BadRun

TINY = ["--network.width", "8", "--run.log_every", "2", "--run.threads", "1", "--run.judge", "100"]
TINY += ["--watch.share", "0", "--run.picture_every", "1000"]
RING = ["ring", "--steps", "12", "--batch", "16", *TINY]


def weights(folder):
    return safetensors.torch.load(sorted((folder / "checkpoints").glob("[0-9]*"))[-1].read_bytes())


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


@pytest.fixture
def ring(saddle, tmp_path):
    """A finished tiny run on the ring."""
    status, out, err = saddle("train", *RING, "--out", tmp_path / "ring", "--run.save_every", 4)
    assert (status, err) == (0, ""), err
    assert "parameters: discriminator" in out
    assert "memory: about" in out
    return tmp_path / "ring"


def test_a_run_leaves_a_folder_that_tells_everything(ring, saddle):
    config = tomllib.loads((ring / "config.toml").read_text())
    assert config["run"]["steps"] == 12
    assert config["run"]["device"] in ("cpu", "cuda"), "resolved, not auto"
    assert config["data"] == {"name": "ring", "modes": 8, "radius": 1.0, "std": 0.01}
    assert json.loads((ring / "environment.json").read_text())["packages"]["torch"] == torch.__version__
    assert [line["step"] for line in lines(ring / "scalars.jsonl")] == [0, 2, 4, 6, 8, 10, 12]
    assert [f.stem for f in sorted((ring / "checkpoints").iterdir())] == ["000000004", "000000008", "000000012"]
    with Image.open(ring / "samples" / "000000012.png") as picture:
        assert picture.size == (1100, 550), "samples, and the discriminator over the plane"
    scores = {line["metric"]: line for line in lines(ring / "scores.jsonl")}
    assert scores["modes.covered"]["floor"] == 8
    assert scores["modes.quality"]["floor"] == pytest.approx(0.98889, abs=0.01)
    assert scores["modes.width"]["floor"] == pytest.approx(0.974, abs=0.03)
    assert scores["modes.offset"]["floor"] < 0.2
    status, out, _ = saddle("show", ring)
    assert status == 0
    assert "saved at step 12 of 12" in out
    assert "modes.covered" in out


def test_the_same_command_makes_the_same_weights(ring, saddle, tmp_path):
    saddle("train", *RING, "--out", tmp_path / "again")
    assert_same(weights(ring), weights(tmp_path / "again"))
    saddle("train", *RING, "--out", tmp_path / "other", "--seed", 1)
    other = weights(tmp_path / "other")
    assert any(not torch.equal(value, other[name]) for name, value in weights(ring).items())


def test_a_loaded_model_samples_in_the_datas_own_units(ring):
    model = saddlepoint.load(ring)
    one, two = model.sample(50, seed=3), model.sample(50, seed=3)
    assert one.shape == (50, 2)
    assert torch.equal(one, two)
    assert not torch.equal(one, model.sample(50, seed=4))
    state, saved = model.state_dict(), weights(ring)
    for name in ("decoder.last.weight", "decoder.last.bias"):
        assert torch.equal(state[f"generator.{name}"], saved[f"game.average.{name}"])
        assert not torch.equal(state[f"generator.{name}"], saved[f"game.generator.{name}"])
    with pytest.raises(BadOption, match="among the classes none"):
        model.sample(3, 1)


def test_samples_go_to_every_kind_of_file(ring, saddle, refused, tmp_path):
    for name in ("s.png", "s.npz", "s.npy", "s.csv"):
        status, out, _ = saddle("sample", ring, "-n", 7, "--seed", 5, "-o", tmp_path / name)
        assert (status, out.strip()) == (0, str(tmp_path / name))
    expected = saddlepoint.load(ring).sample(7, seed=5).numpy()
    assert np.array_equal(np.load(tmp_path / "s.npy"), expected)
    assert np.array_equal(np.load(tmp_path / "s.npz")["x"], expected)
    with (tmp_path / "s.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["x0", "x1"]
    assert np.allclose(np.array(rows[1:], float), expected)
    assert "label '3' is not known; there are: none" in refused("sample", ring, "--label", 3)
    assert "cannot be written" in refused("sample", ring, "-o", tmp_path / "no" / "where.png")


def test_labelled_images_are_conditional_judged_and_sampled_by_name(saddle, refused, quick_judge, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("light", "dark"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for index in range(12):
            grey = rng.integers(150, 255, (7, 10)) if name == "light" else rng.integers(0, 90, (7, 10))
            Image.fromarray(grey.astype(np.uint8)).save(tmp_path / "photos" / name / f"{index}.png")
    run = tmp_path / "run"
    arguments = ["--steps", 3, "--batch", 8, *TINY, "--data.held_out", 0.25, "--out", run]
    status, out, err = saddle("train", tmp_path / "photos", *arguments)
    assert status == 0, err
    assert "class_accuracy" in out
    assert "train_on_synthetic" in out
    model = saddlepoint.load(run)
    assert model.spec.classes == ("dark", "light")
    x = model.sample(6, torch.tensor([0, 1, 0, 1, 0, 1]))
    assert x.shape == (6, 1, 7, 10)
    assert 0 <= x.min() <= x.max() <= 1
    saddle("sample", run, "-n", 50, "-o", tmp_path / "mix.csv")
    with (tmp_path / "mix.csv").open() as file:
        assert {row["label"] for row in csv.DictReader(file)} == {"light", "dark"}
    assert saddle("sample", run, "--label", "light", "-n", 2, "-o", tmp_path / "a.npz")[0] == 0
    with np.load(tmp_path / "a.npz") as made:
        assert made["y"].tolist() == ["light", "light"]
    assert data.build("arrays", tmp_path / "a.npz", held_out=0).spec.classes == ("light",)
    assert saddle("sample", run, "--label", 0, "-n", 2, "-o", tmp_path / "a.npz")[0] == 0
    with np.load(tmp_path / "a.npz") as made:
        assert made["y"].tolist() == ["dark", "dark"], "no class is called by a number, so a number is a place"
    assert "label 'lihgt' is not known; did you mean 'light'?" in refused("sample", run, "--label", "lihgt")
    assert "label '2' is not known" in refused("sample", run, "--label", 2)
    with pytest.raises(BadOption, match=r"classes 0 \(dark\), 1 \(light\); got 1: \[2\]"):
        model.sample(1, 2)


STARTED = []


def start(*arguments, **options):
    command = [sys.executable, "-m", "saddlepoint", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    STARTED.append(process)
    return process


@pytest.fixture(autouse=True)
def nothing_outlives_its_test():
    """A run of a test that failed would go on and slow down all others."""
    yield
    while STARTED:
        with STARTED.pop() as process:
            process.kill()


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_killed_at_random_and_resumed_equals_unbroken_bit_for_bit(saddle, tmp_path):
    long = ["ring", "--objective", "wgan_gp", "--steps", 400, "--batch", 16, *TINY, "--run.save_every", 20]
    long += ["--watch.share", 0.05, "--watch.every", 50, "--watch.samples", 64]
    saddle("train", *long, "--out", tmp_path / "whole")
    run, rng = tmp_path / "broken", random.Random(0)
    process = start("train", *long, "--out", run)
    wait_for(lambda: (run / "checkpoints").exists())
    for _ in range(2):
        steps = len(list((run / "checkpoints").iterdir())) and max(
            int(f.stem.split(".")[0]) for f in (run / "checkpoints").glob("[0-9]*")
        )
        wait_for(lambda steps=steps: (run / f"checkpoints/{steps + 60:09d}.safetensors").exists())
        time.sleep(rng.random() * 0.2)
        process.kill()
        process.communicate()
        process = start("resume", run)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert_same(weights(run), weights(tmp_path / "whole"))
    for name in ("scalars.jsonl", "scores.jsonl"):
        assert (run / name).read_text() == (tmp_path / "whole" / name).read_text()
    assert {f.name for f in (run / "samples").iterdir()} == {f.name for f in (tmp_path / "whole" / "samples").iterdir()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_saves_and_says_how_to_go_on(number, tmp_path):
    run = tmp_path / "run"
    process = start("train", *RING[:1], "--steps", 100_000, *TINY, "--out", run)
    wait_for(lambda: (run / "scalars.jsonl").exists() and len(lines(run / "scalars.jsonl")) > 1)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err == ""
    last = out.strip().splitlines()[-1]
    step = int(last.split()[3].rstrip(";"))
    assert last == f"stopped at step {step}; go on with: saddle resume {run}"
    assert (run / f"checkpoints/{step:09d}.safetensors").exists()


def test_resuming_a_complete_run_says_so(ring, saddle):
    before = (ring / "scores.jsonl").read_text()
    status, out, _ = saddle("resume", ring)
    told = f"{ring} is complete: 12 steps; train longer with: saddle resume {ring} --steps N"
    assert (status, out.strip()) == (0, told)
    assert (ring / "scores.jsonl").read_text() == before


@pytest.mark.parametrize("damage", ["killed before judging", "killed at the first step"])
def test_a_run_killed_at_its_ends_is_finished_by_resume(damage, ring, saddle, tmp_path):
    scores, scalars, expected = (ring / "scores.jsonl").read_text(), (ring / "scalars.jsonl").read_text(), weights(ring)
    (ring / "scores.jsonl").unlink()
    if damage == "killed at the first step":
        saddle("train", "ring", "--steps", 1, "--batch", 16, *TINY, "--out", tmp_path / "short")
        for file in (ring / "checkpoints").iterdir():
            file.unlink()
        first = tmp_path / "short" / "checkpoints" / "000000000.safetensors"
        config = json.dumps(tomllib.loads((ring / "config.toml").read_text()))
        told = {"format": "1", "step": "0", "config": config}
        tensors = safetensors.torch.load(first.read_bytes())
        safetensors.torch.save_file(tensors, ring / "checkpoints" / first.name, metadata=told)
    status, _, err = saddle("resume", ring)
    assert (status, err) == (0, "")
    assert (ring / "scores.jsonl").read_text() == scores
    assert (ring / "scalars.jsonl").read_text() == scalars
    assert_same(weights(ring), expected)


def test_a_changed_configuration_is_refused_with_the_differences(ring, refused):
    config = (ring / "config.toml").read_text()
    (ring / "config.toml").write_text(config.replace("batch = 16", "batch = 32").replace("lr = 0.002", "lr = 0.003"))
    line = refused("resume", ring)
    assert "the configuration has changed" in line
    assert "run.batch 16 -> 32" in line
    assert "optimizer.lr 0.002 -> 0.003" in line


def test_changed_data_is_refused_with_the_differences(saddle, refused, tmp_path):
    np.save(tmp_path / "points.npy", np.random.default_rng(0).normal(size=(60, 3)))
    run = tmp_path / "run"
    assert saddle("train", tmp_path / "points.npy", "--steps", 3, "--batch", 8, *TINY, "--out", run)[0] == 0
    np.save(tmp_path / "points.npy", np.random.default_rng(0).normal(size=(50, 3)))
    line = refused("resume", run)
    assert "the data has changed" in line
    assert "content.samples 54 -> 45" in line
    (tmp_path / "points.npy").unlink()
    assert "points.npy" in refused("resume", run)


def test_a_truncated_checkpoint_falls_back_to_the_one_before_and_says_so(ring, saddle, tmp_path):
    expected = weights(ring)
    last = ring / "checkpoints" / "000000012.safetensors"
    last.write_bytes(last.read_bytes()[:1000])
    status, _, err = saddle("resume", ring)
    assert status == 0
    assert "000000012.safetensors is damaged" in err
    assert "falling back to the checkpoint before" in err
    assert_same(weights(ring), expected)


def test_without_any_whole_checkpoint_the_run_is_refused_and_left_alone(ring, refused):
    for file in (ring / "checkpoints").iterdir():
        file.write_bytes(b"")
    status_before = sorted(f.name for f in ring.rglob("*"))
    *_, last = refused_lines(refused, ring)
    assert "has no checkpoint that can be read" in last
    assert sorted(f.name for f in ring.rglob("*")) == status_before


def refused_lines(refused, ring):
    """The refusal; the damaged files are told of on lines of their own."""
    from saddlepoint.errors import BadRun
    from saddlepoint.saved.folder import RunFolder

    said: list[str] = []
    with pytest.raises(BadRun) as error:
        RunFolder(ring).newest(said.append)
    assert len(said) == 3
    return [*said, str(error.value)]


def test_a_folder_of_another_version_is_refused(ring, refused):
    config = (ring / "config.toml").read_text()
    (ring / "config.toml").write_text(config.replace("format = 1", "format = 99"))
    for command in ("resume", "show", "sample"):
        assert "is a run folder of format 99, this saddlepoint reads format 1" in refused(command, ring)
    (ring / "config.toml").write_text("format = [")
    assert "is not valid TOML" in refused("resume", ring)


def test_a_taken_folder_is_never_touched(ring, refused):
    before = {f: f.read_bytes() for f in ring.rglob("*") if f.is_file()}
    assert "exists already; go on with `saddle resume" in refused("train", *RING, "--out", ring)
    assert {f: f.read_bytes() for f in ring.rglob("*") if f.is_file()} == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path, refused):
    (tmp_path / "file").write_text("")
    assert "cannot be written: Not a directory" in refused("train", *RING, "--out", tmp_path / "file" / "run")


def test_a_full_disk_loses_nothing(tmp_path):
    """Files may grow to 64 KiB only: the first checkpoint fits, the log outgrows it... the run says so and stands."""
    run = tmp_path / "run"

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    process = start(
        "train", *RING[:1], "--steps", 100_000, *TINY, "--run.log_every", 1, "--run.save_every", 10,
        "--run.picture_every", 1_000_000, "--out", run, preexec_fn=little_room,
    )  # fmt: skip
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert err.count("\n") == 1, err
    assert "scalars.jsonl cannot be written: File too large; what was saved before stands" in err
    assert saddlepoint.load(run).step >= 10


def test_a_custom_objective_and_game_are_found_by_import_path(saddle, refused, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(
        '"""Mine."""\n'
        "from saddlepoint import Objective\n"
        "from saddlepoint.games.gan import GAN, gan\n\n\n"
        "def quadratic(*, target: float = 1.0) -> Objective:\n"
        '    """Squares.\n\n    Paper: none\n    """\n'
        "    return Objective(\n"
        '        {"real": lambda d: (d.on_real - target).square().mean(),\n'
        '         "fake": lambda d: d.on_fake.square().mean()},\n'
        '        {"fake": lambda d: (d.on_fake - target).square().mean()},\n    )\n\n\n'
        "def twin(spec, objective, network, prior, *, latent: int = 3) -> GAN:\n"
        '    """A GAN again.\n\n    Paper: none\n    """\n'
        "    return gan(spec, objective, network, prior, latent=latent)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    mine = ["--objective", "mine:quadratic", "--objective.target", 2, "--game", "mine:twin", "--game.latent", 4]
    status, _, err = saddle("train", *RING, *mine, "--out", tmp_path / "run")
    assert status == 0, err
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert config["objective"] == {"name": "mine:quadratic", "target": 2.0}
    assert config["game"] == {"name": "mine:twin", "latent": 4}
    assert saddlepoint.load(tmp_path / "run", trust=True).sample(3).shape == (3, 2)
    assert "did you mean 'quadratic'?" in refused("train", *RING, "--objective", "mine:quadratc")
    assert "no module 'mime'" in refused("train", *RING, "--objective", "mime:quadratic")
    assert "did you mean 'target'?" in refused("train", *RING, *mine[:2], "--objective.targt", 2)


def test_what_a_part_is_told_reaches_it(saddle, tmp_path):
    told = ["--regularizer", "r2", "--regularizer.r1.weight", "0.5 every 2", "--optimizer.discriminator.lr", "4e-4"]
    status, _, err = saddle("train", *RING, "--objective", "hinge", *told, "--out", tmp_path / "run")
    assert status == 0, err
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert config["regularizer"] == {"r2": {"weight": 1.0}, "r1": {"weight": "0.5 every 2"}}
    assert config["optimizer"]["discriminator"] == {"lr": 4e-4}
    scalars = lines(tmp_path / "run" / "scalars.jsonl")
    assert all(line["discriminator/r2"] > 0 for line in scalars[1:])


@pytest.mark.parametrize("name", [name for name in data.names() if "path" not in data.shelf.entry(name).parts])
def test_every_source_trains_samples_and_is_judged_with_its_default_recipe(name, saddle, quick_judge, tmp_path):
    status, _, err = saddle("train", name, "--steps", 2, "--batch", 8, *TINY, "--out", tmp_path / "run")
    assert (status, err) == (0, ""), err
    model = saddlepoint.load(tmp_path / "run")
    source = data.build(name)
    assert model.sample(3).shape == source.real(3).x.shape
    assert lines(tmp_path / "run" / "scores.jsonl")
    assert saddle("sample", tmp_path / "run", "-n", 5, "-o", tmp_path / "grid.png")[0] == 0


SMALL = {"width": 8, "noise": 2, "latent": 3, "code": 3, "levels": 4, "bins": 4, "codes": 3, "importance_samples": 2}


# What a game is tried on: the first that it takes.
ON = [
    ("digits", []),
    ("digits", ["--network", "stylegan2"]),
    ("digits", ["--task", "hole", "--network", "unet", "--network.field", "16"]),
    ("patches", ["--data.size", 8, "--network", "unet", "--network.field", "16"]),
    ("patches", ["--data.size", 8, "--network", "resnet", "--network.field", "16"]),
]


def translates_by_name(saddle, model, run, tmp_path):
    """A run that turns pictures into pictures does so by command as from Python."""
    shape = (model.spec.given or model.spec).shape
    x = torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))
    if model.spec.keeps == "places":
        # In a hole there is nothing, which is middle grey.
        x[:, -1:] = (x[:, -1:] > 0.5).float()
        x[:, :-1] = x[:, :-1].where(x[:, -1:] == 1, torch.tensor(0.5))
    np.save(tmp_path / "x.npy", x.numpy())
    status, _, err = saddle("translate", run, tmp_path / "x.npy", "-o", tmp_path / "made", "--seed", 1)
    assert (status, err) == (0, ""), err
    made = np.load(tmp_path / "made" / "x.npy")
    assert made.shape == (3, *model.spec.shape)
    assert np.allclose(made, model.translate(x, seed=1).numpy(), atol=1e-5)


@pytest.mark.parametrize("name", games.names())
def test_every_game_trains_stops_resumes_and_samples_by_name(name, saddle, quick_judge, tmp_path):
    """On labelled images, or what else it takes; its last steps undone and taken again are the same, bit for bit."""
    entry, run = games.shelf.entry(name), tmp_path / "run"
    small = [word for key, size in SMALL.items() if key in entry.options for word in (f"--game.{key}", size)]
    narrow = ["--network.width", 8] if "network" in entry.parts else []
    told = ["--game", name, *small, *narrow, "--steps", 6, "--batch", 8, "--run.save_every", 2, "--run.threads", 1]
    told += ["--run.judge", 20]
    if "model" in entry.parts:
        told += ["--model", tmp_path / "model"]
        assert saddle("train", "digits", *TINY, "--steps", 2, "--out", tmp_path / "model")[0] == 0
    for data_, more in ON:
        status, out, err = saddle("train", data_, *told, *more, "--out", run)
        if status == 0:
            break
        assert "wants" in err, err
    assert (status, err) == (0, ""), err
    assert "sharpness" in out
    expected = weights(run), (run / "scalars.jsonl").read_text(), (run / "scores.jsonl").read_text()
    (run / "scores.jsonl").unlink()
    *_, last = sorted((run / "checkpoints").iterdir())
    last.unlink()
    assert saddle("resume", run)[0] == 0
    assert_same(weights(run), expected[0])
    assert (run / "scalars.jsonl").read_text() == expected[1]
    assert (run / "scores.jsonl").read_text() == expected[2]
    model = saddlepoint.load(run)
    if data_ == "patches" or "--task" in more:
        translates_by_name(saddle, model, run, tmp_path)
        return
    label, asked = (3, ["--label", 3]) if model.game.classes else (None, [])
    x = model.sample(5, label, seed=1)
    assert x.shape == (5, 1, 8, 8)
    assert 0 <= x.min() <= x.max() <= 1
    assert saddle("sample", run, "-n", 5, "--seed", 1, *asked, "-o", tmp_path / "s.npy")[0] == 0
    assert np.array_equal(np.load(tmp_path / "s.npy"), x.numpy())


def test_scores_are_densities_in_the_datas_own_units(saddle, tmp_path):
    """Heights in centimetres: a Gaussian's log-density per centimetre, whatever networks see."""
    heights = np.random.default_rng(0).normal(170, 8, (400, 1)).astype(np.float32)
    np.savetxt(tmp_path / "h.csv", heights, header="height", comments="")
    told = ["--game", "gaussian", "--game.floor", 0, "--data.held_out", 0, "--out", tmp_path / "run"]
    assert saddle("train", tmp_path / "h.csv", *told)[0] == 0
    model = saddlepoint.load(tmp_path / "run")
    x = torch.tensor([[160.0], [175.0]])
    expected = torch.distributions.Normal(float(heights.mean()), float(heights.std())).log_prob(x)[:, 0]
    assert torch.allclose(model.score(x), expected, atol=1e-3)
    with pytest.raises(BadRun, match="has no density for each class"):
        model.joint(x)


def test_packs_of_any_size_train(saddle, refused, tmp_path):
    for pack, batch in ((3, 9), (8, 64)):
        told = ["ring", "--steps", 2, "--batch", batch, "--game.pack", pack, *TINY, "--out", tmp_path / str(pack)]
        assert saddle("train", *told)[0] == 0
    line = refused("train", "ring", "--steps", 2, "--batch", 8, "--game.pack", 3, *TINY, "--out", tmp_path / "no")
    assert "8 samples do not divide into packs of 3" in line


def test_a_game_without_classes_takes_no_label(saddle, refused, tmp_path):
    rows = [f"{x},{name}\n" for x in range(40) for name in ("one", "two")]
    (tmp_path / "t.csv").write_text("x,kind\n" + "".join(rows))
    told = ["--data.label", "kind", "--game", "autoencoder", "--game.latent", 2, "--steps", 2, "--batch", 8, *TINY]
    assert saddle("train", tmp_path / "t.csv", *told, "--out", tmp_path / "run")[0] == 0
    line = refused("sample", tmp_path / "run", "--label", "one", "-o", tmp_path / "s.npz")
    assert "none (it was trained without)" in line


def test_a_model_without_a_density_says_so(ring):
    with pytest.raises(BadRun, match="a GAN knows no density; flows, VAEs and baselines"):
        saddlepoint.load(ring).score(torch.zeros(1, 2))


def test_a_player_may_have_an_optimizer_of_its_own(saddle, refused, tmp_path):
    sgd = ["--optimizer.discriminator.name", "sgd", "--optimizer.discriminator.lr", 0.1]
    assert saddle("train", *RING, *sgd, "--out", tmp_path / "run")[0] == 0
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert config["optimizer"]["name"] == "adam"
    assert config["optimizer"]["discriminator"] == {"name": "sgd", "lr": 0.1, "momentum": 0.0}
    assert any("momentum_buffer" in k or "optimizer.generator.0.exp_avg" in k for k in weights(tmp_path / "run"))
    assert not any(k.startswith("optimizer.discriminator") and "exp_avg" in k for k in weights(tmp_path / "run"))
    assert "did you mean 'sgd'?" in refused("train", *RING, "--optimizer.discriminator.name", "sdg")
    assert "did you mean 'momentum'?" in refused("train", *RING, *sgd, "--optimizer.discriminator.momentm", 1)


@pytest.mark.parametrize("solver", ["simultaneous", "extragradient"])
@pytest.mark.parametrize("network", networks.names())
def test_every_network_and_solver_trains_images_of_odd_size_or_says_why_not(
    network, solver, saddle, quick_judge, tmp_path
):
    x = np.random.default_rng(0).integers(0, 256, (40, 11, 6, 2), dtype=np.uint8)
    np.savez(tmp_path / "odd.npz", x=x.transpose(0, 3, 1, 2), y=np.arange(40) % 2)
    told = ["--network", network, "--run.solver", solver, "--data.layout", "NCHW", "--game.generator_label", "norm"]
    status, _, err = saddle(
        "train", tmp_path / "odd.npz", "--steps", 2, "--batch", 8, *TINY, *told, "--out", tmp_path / "run"
    )
    if "turns pictures into pictures" in err:
        assert (status, err.count("\n")) == (2, 1)
        return
    assert status == 0, err
    assert saddlepoint.load(tmp_path / "run").sample(4, 1).shape == (4, 2, 11, 6)


def test_an_unlabelled_run_takes_no_label_and_a_table_comes_back_as_a_table(saddle, tmp_path):
    pets = [f"{height},{kind}\n" for height, kind in itertools.product(range(150, 190), ("cat", "dog"))]
    (tmp_path / "pets.csv").write_text("height,kind\n" + "".join(pets))
    run = tmp_path / "run"
    status, _, err = saddle("train", tmp_path / "pets.csv", "--steps", 3, "--batch", 8, *TINY, "--out", run)
    assert status == 0, err
    assert saddle("sample", run, "-n", 5, "-o", tmp_path / "made.csv")[0] == 0
    with (tmp_path / "made.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert {row["kind"] for row in rows} <= {"cat", "dog"}
    assert all(100 < float(row["height"]) < 250 for row in rows)
    (run / "report.html").unlink()
    status, _, err = saddle("resume", run)
    assert status == 0, "what is written down of a table is what is read of it again"
    assert [line.partition(" from")[0] for line in err.splitlines()] == [
        "saddle: column 'height': whole numbers",
        "saddle: column 'kind': 2 categories ('cat', 'dog')",
    ]


def in_two_processes(*arguments, program=("-m", "saddlepoint")):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "0"]
    command = [*torchrun, "--standalone", *map(str, (*program, *arguments))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done


LEAVES = """
import os, torch
from saddlepoint.training.processes import joined
with joined(torch.device("cpu")):
    torch.compiler.reset()  # what an optimiser's first step imports
    before = len(os.listdir("/proc/self/task"))
after = len(os.listdir("/proc/self/task"))
print(f"threads: {before} {after}")
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="threads are counted in /proc")
def test_who_leaves_the_others_keeps_no_thread_of_theirs(tmp_path):
    """A thread that outlives the interpreter aborts the process now and then, after all of its work is done."""
    (tmp_path / "leaves.py").write_text(LEAVES)
    done = in_two_processes(program=[tmp_path / "leaves.py"])
    counted = re.findall(r"threads: (\d+) (\d)", done.stdout)
    assert len(counted) == 2
    assert all(int(before) > 1 == int(after) for before, after in counted)


def test_two_processes_are_rolled_back_together(tmp_path):
    wild = ["--objective", "non_saturating", "--optimizer.discriminator.lr", 3, "--watch.action", "roll_back"]
    told = [
        "train",
        "ring",
        "--steps",
        20,
        "--batch",
        64,
        *TINY,
        *wild,
        "--watch.share",
        0.05,
        "--watch.every",
        4,
        "--run.device",
        "cpu",
    ]
    in_two_processes(*told, "--out", tmp_path / "run")
    did = [event["did"] for event in lines(tmp_path / "run" / "events.jsonl") if "did" in event]
    assert did == ["roll_back"] * 3
    assert max((tmp_path / "run" / "checkpoints").glob("[0-9]*")).stem == "000000020"


@pytest.mark.parametrize(
    "what",
    [
        ("--objective", "least_squares"),
        ("--objective", "wgan_gp"),
        ("--objective", "r3gan"),
        ("--game", "infogan"),
        ("--game", "began", "--game.gain", 0.1, "--game.diversity", 1.0),
        ("--game", "autoencoder", "--game.latent", 2),
    ],
    ids=lambda what: what[1],
)
def test_two_processes_equal_one(what, saddle, tmp_path):
    """Two at half the batch draw the same noise and the same batches, and average their gradients and what they saw."""
    long = ["ring", *what, "--steps", 20, "--batch", 64, *TINY, "--run.device", "cpu"]
    assert saddle("train", *long, "--out", tmp_path / "one")[0] == 0
    done = in_two_processes("train", *long, "--out", tmp_path / "two")
    assert done.stdout.count("modes.covered") == 1, "rank 0 alone speaks"
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    # Terms, for the log alone, are those that the first process saw.
    for name, value in ((name, value) for name, value in one.items() if not name.startswith("term.")):
        assert torch.allclose(value, two[name], atol=1e-5), name


def test_a_things_help_is_its_docstring(saddle):
    status, out, _ = saddle("list", "games", "vae")
    assert status == 0
    text = " ".join(out.split())
    assert "Paper: Kingma & Welling 2014" in text
    assert "The continuous Bernoulli" in text, "all of the papers"
    assert "is summed over all numbers of a sample" in text
    assert "one of fixed, shared, learned; default shared" in text
    _, out, _ = saddle("list", "games", "gan")
    assert "--game.discriminator_steps a whole number from 1 to 100; not set unless told" in " ".join(out.split())
