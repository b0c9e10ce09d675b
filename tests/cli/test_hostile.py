"""What somebody else's run folder may not do: run code, overwrite what lies outside, hang, steer the terminal."""

import json
import os
import shutil
import subprocess
import sys
import tomllib

import pytest
import safetensors.torch
import tomli_w

import saddlepoint
from saddlepoint.catalogue import importing_nothing
from saddlepoint.cli.app import main
from saddlepoint.errors import BadOption, BadRun

TINY = ["--network.width", 4, "--run.threads", 1, "--batch", 16, "--run.judge", 20, "--watch.share", 0]
TINY += ["--run.picture_every", 1000]
EVIL = '''
import pathlib
pathlib.Path(__file__).with_name("was run").write_text("")
from saddlepoint.{shelf} import build
def make({parts}):
    """Evil.

    Paper: none
    """
    return build("{name}", {parts})
'''


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished tiny run on the ring."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.raises(SystemExit) as exit:
        main([str(x) for x in ["train", "ring", "--steps", 2, *TINY, "--out", folder / "run"]])
    assert not exit.value.code
    return folder / "run"


@pytest.fixture
def run(trained, tmp_path, monkeypatch):
    """A copy of it, in the current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return shutil.copytree(trained, tmp_path / "run")


def rewritten(run, change):
    """The folder with its configuration changed, in the file and in every checkpoint."""
    config = change(tomllib.loads((run / "config.toml").read_text()))
    (run / "config.toml").write_text(tomli_w.dumps(config))
    for file in (run / "checkpoints").iterdir():
        tensors = safetensors.torch.load(file.read_bytes())
        told = {"config": json.dumps(config), "course": "{}", "format": "1", "step": str(int(file.stem))}
        safetensors.torch.save_file(tensors, file, metadata=told)
    return config


PARTS = {
    "game": "games",
    "network": "networks",
    "objective": "objectives",
    "prior": "priors",
    "optimizer": "optimizers",
}
PARTS |= {"data": "data", "regularizer": "regularizers", "optimizer.generator": "optimizers"}


def evil(run, part, where="cool"):
    """Code beside the run that leaves a mark when it is imported, and a configuration that names it."""
    module = run.parent / where
    module.mkdir(exist_ok=True)
    name = tomllib.loads((run / "config.toml").read_text()).get(part.partition(".")[0], {}).get("name", "r1")
    parts = ", ".join(getattr(saddlepoint, PARTS[part]).shelf.entry(name).parts)
    (module / "evil.py").write_text(EVIL.format(shelf=PARTS[part], name=name, parts=parts))
    if part == "optimizer.generator":
        own = {"generator": {"name": f"{where}.evil:make"}}
        rewritten(run, lambda config: config | {"optimizer": config["optimizer"] | own})
    elif part == "regularizer":
        rewritten(run, lambda config: config | {part: {f"{where}.evil:make": {}}})
    else:
        rewritten(run, lambda config: config | {part: {"name": f"{where}.evil:make"}})
    return module / "was run"


@pytest.mark.parametrize("part", PARTS)
def test_no_command_imports_what_a_run_names(part, run, saddle, refused, tmp_path):
    mark = evil(run, part)
    for told in (
        ["sample", run, "-o", tmp_path / "s.npy"],
        ["judge", run],
        ["judge", "ring", "--against", run],
        ["resume", run],
        ["resume", run, "--steps", 4],
        ["train", "ring", "--from", run],
        ["train", "ring", "--game", "encoder", "--model", run],
        ["train", "ring", "--recipe", run / "config.toml"],
        ["bench", tmp_path / "b", "--data", "ring", "--recipes", run / "config.toml", "--seeds", 1],
    ):
        if part == "data" and ("--recipe" in told or "--recipes" in told):
            continue
        line = refused(*told)
        assert "names code that is not saddlepoint's own, cool.evil:make, which would be imported and run" in line, told
        assert "--trust" in line
    for told in (["show", run], ["report", run], ["diagnose", run], ["compare", run, run.parent / "run/scores.jsonl"]):
        assert saddle(*told)[0] in (0, 2)
    with pytest.raises(BadRun, match="names code"):
        saddlepoint.load(run)
    assert not mark.exists(), "nothing was imported"
    assert str(tmp_path) not in sys.path
    assert "" not in sys.path


def test_a_checkpoint_may_not_name_code_either(run, refused, tmp_path):
    text = (run / "config.toml").read_text()
    mark = evil(run, "game")
    (run / "config.toml").write_text(text)
    for told in (["sample", run], ["judge", run], ["resume", run], ["resume", run, "--steps", 4]):
        assert "cool.evil:make" in refused(*told)
    assert not mark.exists()


def test_nothing_is_imported_to_look_at_a_run(run, saddle):
    """Names are slipped in wherever a table may have one; whoever reads them must not import."""
    config = tomllib.loads((run / "config.toml").read_text())
    evil(run, "game")
    for part in PARTS:
        section, _, player = part.partition(".")
        own = {player: {"name": "cool.evil:make"}} if player else {"name": "cool.evil:make"}
        table = {"cool.evil:make": {}} if part == "regularizer" else config[section] | own
        (run / "config.toml").write_text(tomli_w.dumps(config | {section: table}))
        for told in (["show"], ["report"], ["diagnose"], ["sample"], ["resume"], ["judge"]):
            assert saddle(*told, run)[0] in (0, 2)
        assert "cool" not in sys.modules, part
    with importing_nothing(), pytest.raises(BadOption, match="nothing may be"):
        saddlepoint.games.build("cool.evil:make")


def test_trust_lets_it_in(run, saddle, tmp_path):
    mark = evil(run, "objective", where="known")
    assert saddle("sample", run, "--trust", "-n", 2, "-o", tmp_path / "s.npy")[0] == 0
    assert mark.exists()
    assert saddlepoint.load(run, trust=True).sample(2).shape == (2, 2)
    assert saddle("resume", run, "--trust", "--steps", 4)[0] == 0
    assert saddle("judge", run, "--trust", "--metrics", "frechet", "-n", 20)[0] == 0
    assert str(tmp_path) not in sys.path, "the current directory is there for the import alone"


def test_the_report_does_not_follow_a_link(run, saddle, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in ("report.html", ".report.html.tmp.html"):
        (run / name).unlink(missing_ok=True)
        (run / name).symlink_to(victim)
    assert saddle("report", run)[0] == 0
    assert victim.read_text() == "mine"
    assert not (run / "report.html").is_symlink()
    (tmp_path / "page.html").symlink_to(victim)
    assert saddle("report", run, "-o", tmp_path / "page.html")[0] == 0
    assert victim.read_text() == "mine"


LINKED = ["scalars.jsonl", "events.jsonl", "scores.jsonl", "samples", "checkpoints", "tensorboard", ".lock"]
LOGGED = ["--run.log", "tensorboard"]


@pytest.mark.parametrize("name", LINKED)
def test_no_command_writes_through_a_link(name, run, saddle, tmp_path):
    away = tmp_path / "away"
    if (run / name).exists():
        shutil.move(run / name, away)
    elif name == "tensorboard":
        away.mkdir()
    else:
        away.write_text("mine")
    if away.is_dir():
        for planted in ("000000099.png", "000000098.safetensors"):
            (away / planted).write_text("mine")
    (run / name).symlink_to(away)
    before = {f: f.read_bytes() for f in (away.rglob("*") if away.is_dir() else [away]) if f.is_file()}
    for told in (
        ["judge", run, "--metrics", "frechet", "-n", 20],
        ["resume", run, "--steps", 4, *LOGGED],
        ["report", run],
    ):
        status, _, err = saddle(*told)
        assert status in (0, 2), err
    assert {f: f.read_bytes() for f in (away.rglob("*") if away.is_dir() else [away]) if f.is_file()} == before


@pytest.mark.parametrize("name", ["config.toml", "data.json", "scalars.jsonl", "checkpoints/000000002.safetensors"])
def test_a_pipe_in_the_place_of_a_file_does_not_hang(name, run, tmp_path):
    (run / name).unlink()
    os.mkfifo(run / name)
    for told in (["show", run], ["sample", run, "-n", 2, "-o", tmp_path / "s.npy"], ["report", run], ["resume", run]):
        command = [sys.executable, "-m", "saddlepoint", *map(str, told)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 2), done.stderr
        assert "Traceback" not in done.stderr


def test_names_do_not_steer_the_terminal(run, saddle, tmp_path):
    wild = "\x1b]0;owned\x07\x1b[2J\x9b1m\u202e"
    scores = (run / "scores.jsonl").read_text().splitlines()
    record = json.loads(scores[0]) | {"metric": f"m{wild}", "note": wild, "features": wild}
    (run / "scores.jsonl").write_text("\n".join([json.dumps(record), *scores[1:]]) + "\n")
    with (run / "events.jsonl").open("a") as file:
        file.write(json.dumps({"step": 1, "changed": [wild], "text": wild}) + "\n")
    rewritten(run, lambda config: config | {"recipe": wild})
    other = tmp_path / f"o{wild}"
    shutil.copytree(run, other)
    for told in (["show", run], ["compare", run, other], ["sample", other / "no"], ["diagnose", run], ["train", wild]):
        _, out, err = saddle(*told)
        assert not set("\x1b\x07\x9b\u202e") & set(out + err), told
        assert out.isprintable() or {c for c in out if not c.isprintable()} <= set("\n\t")


def test_a_report_of_wild_names_holds_no_markup_of_theirs(run, saddle, tmp_path):
    wild = "<script>alert(1)</script>"
    rewritten(run, lambda config: config | {"recipe": wild})
    with (run / "events.jsonl").open("a") as file:
        file.write(json.dumps({"step": 1, "text": wild + "</script>"}) + "\n")
    assert saddle("report", run, "-o", tmp_path / "page.html")[0] == 0
    assert "<script>alert" not in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    "spec",
    [
        {"shape": [10**9]},
        {"shape": [10**30]},
        {"shape": [0]},
        {"shape": [-3]},
        {"shape": "ab"},
        {"shape": [1, 2]},
        {"shape": [3, 10**6, 10**6]},
        {"classes": ["a", "b"]},
        {"classes": [str(n) for n in range(50)], "shares": [1.0]},
        {"simplexes": [[0, 10**9]]},
        {"simplexes": 3},
        {"bounds": ["x", "y"]},
    ],
    ids=str,
)
def test_samples_of_absurd_shape_are_one_line(spec, run, refused, tmp_path):
    data = json.loads((run / "data.json").read_text())
    data["spec"] |= spec
    (run / "data.json").write_text(json.dumps(data))
    refused("sample", run, "-n", 2, "-o", tmp_path / "s.npy")


@pytest.mark.parametrize(
    "units",
    [
        {"shift": "x"},
        {"shift": [1, 2]},
        {"scale": None},
        {"limits": "x"},
        {"limits": [[1]]},
        {"columns": 3},
        {"columns": [{"name": [], "mean": 0.0, "std": 1.0, "categories": []}] * 2},
        {"columns": [{"name": "a", "mean": "x", "std": 1.0, "categories": []}] * 2},
        {"columns": [{"name": "a", "mean": float("inf"), "std": 1.0, "categories": []}] * 2},
        {"columns": [{"name": "a", "mean": 0.0, "std": 1.0, "categories": {}, "limits": "x"}] * 2},
        {"columns": [{"name": "a", "mean": 0.0, "std": 1.0, "categories": [], "decimals": "x"}] * 2},
        {"columns": [{"name": "a", "mean": 0.0, "std": 1.0, "categories": [], "decimals": 10**7}] * 2},
    ],
    ids=str,
)
def test_units_of_absurd_kinds_are_one_line_or_numbers(units, run, saddle, tmp_path):
    data = json.loads((run / "data.json").read_text())
    data["units"] |= units
    (run / "data.json").write_text(json.dumps(data))
    status, _, err = saddle("sample", run, "-n", 2, "-o", tmp_path / "s.csv")
    assert status == 2, err
    assert "data.json does not say what samples are" in err


@pytest.mark.parametrize(
    ("words", "change"),
    {
        "exp_avg 0": lambda name, value: value.new_full((1,), 0.5) if "exp_avg" in name else value,
        "is of another optimizer": lambda name, value: None if "exp_avg_sq" in name else value,
        "has no place in this one": lambda name, value: value if "extra" not in name else value.new_zeros(3),
    }.items(),
    ids=["shapes", "keys", "strangers"],
)
def test_the_tensors_of_a_checkpoint_must_fit(words, change, run, refused):
    file = max((run / "checkpoints").glob("[0-9]*"))
    tensors = safetensors.torch.load(file.read_bytes())
    tensors |= {"game.extra": tensors["game.generator.decoder.last.bias"].clone()} if "place" in words else {}
    made = {name: change(name, value) for name, value in tensors.items()}
    config = json.dumps(tomllib.loads((run / "config.toml").read_text()))
    told = {"config": config, "course": "{}", "format": "1", "step": "2"}
    safetensors.torch.save_file({k: v.contiguous() for k, v in made.items() if v is not None}, file, metadata=told)
    assert words in refused("resume", run, "--steps", 4)


@pytest.mark.parametrize(("course", "step"), [('{"rates": "x"}', "2"), ('{"attempt": []}', "2"), ("{}", "-5")])
def test_a_course_and_a_step_that_are_none_are_one_line(course, step, run, saddle):
    before = (run / "events.jsonl").read_text() if (run / "events.jsonl").exists() else ""
    config = json.dumps(tomllib.loads((run / "config.toml").read_text()))
    for file in (run / "checkpoints").iterdir():
        told = {"config": config, "course": course, "format": "1", "step": step}
        safetensors.torch.save_file(safetensors.torch.load(file.read_bytes()), file, metadata=told)
    status, _, err = saddle("resume", run, "--steps", 4)
    assert status == 2, err
    assert ((run / "events.jsonl").read_text() if (run / "events.jsonl").exists() else "") == before


def test_a_report_gives_nothing_away(run, refused, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    for name in ("000000001.png", "neighbours.png"):
        (run / "samples" / name).unlink(missing_ok=True)
        (run / "samples" / name).symlink_to(tmp_path / "secret")
        assert "is no picture that this run drew" in refused("report", run)
        (run / "samples" / name).unlink()
        (run / "samples" / name).write_bytes(b"secret")
        assert "is no picture that this run drew" in refused("report", run)
        (run / "samples" / name).unlink()


def test_what_lies_in_the_current_directory_is_not_imported(run, tmp_path):
    (tmp_path / "safetensors.py").write_text('open("was run", "w")')
    told = ["bench", "b", "--data", "ring", "--recipes", "ring", "--seeds", "1", "--run.steps", "1", "--run.judge", "0"]
    for command in (told, ["sample", "run", "-n", "2", "-o", "s.npy"]):
        subprocess.run([sys.executable, "-m", "saddlepoint", *command], capture_output=True, timeout=120, check=False)
    assert not (tmp_path / "was run").exists()


def test_an_output_is_none_of_the_runs_own_files(run, refused, tmp_path):
    before = (run / "scores.jsonl").read_text()
    assert "is what the run keeps of itself" in refused(
        "judge", run, "--metrics", "frechet", "-n", 20, "-o", run / "scores.jsonl"
    )
    assert len((run / "scores.jsonl").read_text().splitlines()) >= len(before.splitlines())
    os.mkfifo(tmp_path / "pipe.npy")
    assert "it is there and is no file" in refused("sample", run, "-n", 2, "-o", tmp_path / "pipe.npy")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (["sample", "run", "-n", 10**12, "-o", "s.npy"], "GiB of memory; take fewer"),
        (["judge", "run", "--samples", 10**12], "GiB of memory; take fewer"),
        (["sample", "run", "--checkpoint", "9" * 5000], "wanted best, last or a step"),
        (["sample", "run", "--checkpoint", "\u0662"], "wanted best, last or a step"),
        (["sample", "run", "-n", "2.5"], "-n: wanted a whole number, got '2.5'"),
        (["train", "ring", "--steps", "nan"], "--steps: wanted a whole number, got 'nan'"),
        (["train", "ring", "--out", ""], "an argument is empty"),
        (["train", "ring", "--from", ""], "an argument is empty"),
        (["judge", "run", "--metrics", ""], "an argument is empty"),
        (["resume", "run", "--run.accumulate", 3], "wanted a number that divides the 16 samples"),
        (["resume", "run", "--network.depth", 1], "has no place in this one"),
        (["bench", "b", "--data", "ring", "--recipes", "ring", "--run.seed", 1], "bench says that to each run itself"),
    ],
    ids=str,
)
def test_absurd_wishes_are_one_line_and_change_nothing(told, words, run, refused):
    before = {f: f.read_bytes() for f in run.rglob("*") if f.is_file() and f.name != ".lock"}
    assert words in refused(*told)
    assert {f: f.read_bytes() for f in run.rglob("*") if f.is_file() and f.name != ".lock"} == before
