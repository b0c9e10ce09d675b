"""What happens to run folders and their processes in life: two at once, closed terminals, full disks, odd names."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import saddlepoint
from saddlepoint.runs.run import Run
from saddlepoint.saved.folder import RunFolder

TINY = ["--network.width", 8, "--run.threads", 1, "--batch", 16, "--run.judge", 20, "--watch.share", 0]
TINY += ["--run.picture_every", 1000]


def start(*arguments, **options):
    command = [sys.executable, "-m", "saddlepoint", *map(str, arguments)]
    return subprocess.Popen(command, **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options))


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def training(tmp_path):
    """A run in training, in another process, that has played some steps."""
    run = tmp_path / "run"
    process = start("train", "ring", "--steps", 10**6, *TINY, "--run.log_every", 1, "--out", run)
    wait_for(lambda: (run / "scalars.jsonl").exists() and (run / "scalars.jsonl").read_text().count("\n") > 2)
    yield run, process
    process.kill()
    process.communicate()


def test_a_second_writer_is_refused_in_one_line(training, refused, saddle):
    run, process = training
    for told in (["resume", run], ["judge", run], ["resume", run, "--steps", 10**7]):
        assert f"{run} is in use by process {process.pid}, which trains or judges it" in refused(*told)
    assert saddle("show", run)[0] == 0, "readers are let in"
    process.kill()
    process.wait()
    assert saddle("resume", run, "--steps", "7" * 3, "--run.judge", 0)[0] in (0, 2), "what was killed holds nothing"


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes cannot be looked at")
def test_a_process_that_is_killed_ends_the_others_in_one_line(tmp_path):
    run = tmp_path / "run"
    told = ["-m", "saddlepoint", "train", "ring", "--steps", 10**6, *TINY, "--run.save_every", 5, "--run.device", "cpu"]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    with subprocess.Popen(
        [*torchrun, *map(str, told), "--out", str(run)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as process:
        wait_for(lambda: run.exists() and RunFolder(run).checkpoints()[-1] > 20)
        os.kill(child_of(process.pid, b"RANK=1"), signal.SIGKILL)
        err = process.stderr.read()
    (line,) = [line for line in err.splitlines() if line.startswith("saddle: ")]
    assert "another process of this run is gone" in line
    assert f"`saddle resume {run}` goes on from step " in line
    assert RunFolder(run).newest(lambda line: None).step > 20


def child_of(parent, told):
    """The child of a process that has a variable in its environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            mine = (folder / "stat").read_text().rpartition(")")[2].split()[1] == str(parent)
            if mine and told in (folder / "environ").read_bytes().split(b"\0"):
                return int(folder.name)
        except OSError:
            continue
    raise AssertionError("no such child")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no terminals to hang up")
def test_a_closed_terminal_saves_as_an_interrupt_does(training):
    run, process = training
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert RunFolder(run).checkpoints()[-1] > 0


@pytest.mark.parametrize("nowhere", ["closed", "full", "none"])
def test_nobody_has_to_listen_to_a_training(nowhere, tmp_path):
    told = ["train", "ring", "--steps", 4, *TINY, "--out", tmp_path / "run"]
    if nowhere == "none":
        words = " ".join(shlex.quote(str(word)) for word in [sys.executable, "-m", "saddlepoint", *told])
        done = subprocess.run(["bash", "-c", f"{words} >&-"], stderr=subprocess.PIPE, text=True, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")
        assert RunFolder(tmp_path / "run").is_complete()
        return
    if nowhere == "full":
        with open("/dev/full", "w") as full:
            process = start(*told, stdout=full)
            _, err = process.communicate(timeout=120)
    else:
        with start(*told) as process:
            process.stdout.close()
            err = process.stderr.read()
    assert (process.returncode, err) == (0, "")
    assert RunFolder(tmp_path / "run").is_complete()


def test_four_at_once_get_a_folder_each(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{i % 9},{i % 7}\n" for i in range(60)))
    told = ["train", "t.csv", "--game", "gaussian", "--run.judge", 0]
    four = [start(*told, cwd=tmp_path) for _ in range(4)]
    for process in four:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert sorted(os.listdir(tmp_path / "runs")) == ["table-1", "table-2", "table-3", "table-4"]


def test_a_run_killed_while_it_was_judged_anew_is_judged_to_the_end(saddle, tmp_path, monkeypatch):
    run = tmp_path / "run"
    assert saddle("train", "ring", "--steps", 4, *TINY, "--out", run)[0] == 0
    whole = {record["metric"] for record in RunFolder(run).lines("scores")}
    judge = Run.judge

    def cut_short(self, tell):
        for number, record in enumerate(judge(self, tell)):
            if number == 2:
                raise KeyboardInterrupt
            yield record

    monkeypatch.setattr(Run, "judge", cut_short)
    assert saddle("resume", run, "--steps", 6)[0] == 130
    assert saddle("report", run)[0] == 0
    assert not RunFolder(run).is_complete()
    monkeypatch.undo()
    assert saddle("resume", run)[0] == 0
    found = [record for record in RunFolder(run).lines("scores") if record["step"] == 6]
    assert {record["metric"] for record in found} == whole
    assert RunFolder(run).is_complete()


def test_scores_are_kept_by_metric_and_step(saddle, tmp_path):
    run = tmp_path / "run"
    assert saddle("train", "ring", "--steps", 4, *TINY, "--run.save_every", 2, "--out", run)[0] == 0
    before = RunFolder(run).lines("scores")
    assert saddle("judge", run, "--checkpoint", 2, "--metrics", "frechet", "-n", 20)[0] == 0
    after = RunFolder(run).lines("scores")
    assert after[:-1] == before
    assert (after[-1]["metric"], after[-1]["step"]) == ("frechet", 2)
    _, out, _ = saddle("show", run)
    assert out.index("# judged at step 4") < out.index("# judged at step 2")
    (run / "other.jsonl").write_text("".join(json.dumps(record) + "\n" for record in before))
    _, out, _ = saddle("compare", run, run / "other.jsonl")
    (row,) = [line.split() for line in out.splitlines() if line.startswith("frechet")]
    assert row[1:4] == row[4:7], "the step that was judged whole is what is compared"


@pytest.mark.parametrize("name", ["a[/b]c", "b[bold]c", "*", "k\u00f6ln \u2603", "-n", "a b'c\"", "--"])
def test_a_runs_folder_may_be_called_anything(name, saddle, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = saddle("train", "ring", "--steps", 1, *TINY, "--out", Path("runs", name))
    assert (status, err) == (0, "")
    assert "run: runs" in out
    assert saddle("sample", Path("runs", name), "-n", 2, "-o", "s.npy")[0] == 0
    assert saddle("resume", Path("runs", name), "--steps", 2)[0] == 0


def test_the_current_folder_may_be_the_runs(saddle, refused, tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert saddle("train", "ring", "--steps", 1, *TINY, "--out", ".")[0] == 0
    assert (here / "config.toml").exists()
    assert os.getcwd() == str(here)
    assert ". exists already" in refused("train", "ring", "--steps", 1, *TINY, "--out", ".")
    assert sorted(os.listdir(tmp_path)) == ["here"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x" * 300, "File name too long"),
        ("file/run", "Not a directory"),
        ("file", "exists already"),
        ("caf\udce9s", "UTF-8"),
    ],
)
def test_a_folder_that_cannot_be_is_one_line(name, words, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    before = sorted(os.listdir(tmp_path))
    line = refused("train", "ring", "--steps", 1, *TINY, "--out", name)
    assert words in line
    assert sorted(os.listdir(tmp_path)) == before, "nothing is left in the way"


def test_a_name_that_steers_is_shown_as_it_is_written(saddle, tmp_path):
    status, out, err = saddle("train", "ring", "--steps", 1, *TINY, "--out", tmp_path / "r\x1b[31mred")
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert "r\\x1b[31mred" in out


def test_what_stood_in_a_file_stays_where_a_new_one_cannot_be_written(saddle, refused, tmp_path, monkeypatch):
    run = tmp_path / "run"
    assert saddle("train", "ring", "--steps", 1, *TINY, "--out", run)[0] == 0
    assert saddle("sample", run, "-n", 3, "-o", tmp_path / "s.npz")[0] == 0
    before = (tmp_path / "s.npz").read_bytes()

    def fails(*parts, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fails)
    assert "s.npz cannot be written: No space left on device" in refused("sample", run, "-o", tmp_path / "s.npz")
    assert (tmp_path / "s.npz").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run", "s.npz"]


def test_a_log_of_a_stranger_shape_is_named(refused, saddle, tmp_path):
    run = tmp_path / "run"
    assert saddle("train", "ring", "--steps", 2, *TINY, "--out", run)[0] == 0
    with (run / "events.jsonl").open("a") as file:
        file.write('{"step": 9, "text": "x", "attempt": "a"}\n')
    assert "events.jsonl, line " in refused("resume", run, "--steps", 3)


def test_what_is_refused_leaves_nothing_in_the_way(refused, saddle, tmp_path):
    told = ["train", "ring", "--steps", 1, *TINY, "--out", tmp_path / "runs" / "one"]
    assert "do not divide" in refused(*told, "--game.pack", 3)
    assert not (tmp_path / "runs" / "one").exists()
    assert saddle(*told)[0] == 0


def test_output_to_a_terminal_that_lacks_a_letter(tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    told = ["train", "ring", "--steps", 1, *TINY, "--out", tmp_path / "k\u00f6ln"]
    process = start(*told, env=environment)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert out.isascii()
    assert "k\\xf6ln" in out, "what it lacks is written out"
    assert saddlepoint.load(tmp_path / "k\u00f6ln").step == 1


def test_a_full_disk_is_one_line_wherever_output_goes():
    with open("/dev/full", "w") as full:
        process = start("list", stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert re.fullmatch(r"saddle: standard output: No space left on device\n", err), err


def test_a_run_that_lies_in_its_own_data_is_none_of_it(saddle, tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / name).mkdir()
        for shade in range(6):
            Image.new("L", (8, 8), 40 * shade).save(tmp_path / name / f"{shade}.png")
    monkeypatch.chdir(tmp_path)
    told = ["--network", "mlp", "--network.width", 8, "--run.judge", 0, "--batch", 4, "--watch.share", 0]
    assert saddle("train", ".", "--steps", 2, *told)[0] == 0
    assert saddle("resume", "runs/images-1", "--steps", 3)[0] == 0
    assert saddle("train", ".", "--steps", 1, *told, "--out", "another")[0] == 0
    assert saddlepoint.load("another").spec.classes == ("a", "b")
