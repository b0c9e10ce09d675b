"""Every file of a run folder damaged in every way, then every command: one line or a right answer, and nothing lost.

One command for each damage, in turn; with SADDLEPOINT_THOROUGH set, each of them.
"""

import os
import re
import shutil
from itertools import count, product

import pytest
import safetensors.torch

from saddlepoint.cli.app import main

TINY = ["--network.width", 4, "--run.threads", 1, "--batch", 16, "--run.judge", 20, "--run.save_every", 2]
WATCHED = ["--watch.every", 2, "--watch.samples", 16, "--run.log_every", 1]

FILES = [
    *("config.toml", "data.json", "environment.json", "scalars.jsonl", "events.jsonl", "scores.jsonl", "report.html"),
    *("samples", "samples/000000006.png", "samples/000000003.png", "checkpoints"),
    *(f"checkpoints/{name}.safetensors" for name in ("000000002", "000000004", "000000006", "best")),
]


def truncated(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def cut_at_a_line(file):
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: len(lines) // 2]))


def emptied(file):
    file.write_bytes(b"")


def zeros(file):
    file.write_bytes(bytes(file.stat().st_size))


def zeros_at_its_end(file):
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[: size - size // 4] + bytes(size // 4))


def foreign_bytes(file):
    file.write_bytes(b"\xff\xfe\x00PK\x03\x04 \x80\n" * 40)


def flipped(file):
    """One bit of a byte three quarters in."""
    found = bytearray(file.read_bytes())
    found[3 * len(found) // 4] ^= 4
    file.write_bytes(bytes(found))


def another_encoding(file):
    file.write_bytes(file.read_bytes().decode("latin-1").encode("utf-16"))


def a_mark_before_it(file):
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())


def an_empty_object(file):
    file.write_bytes(b"{}\n" + file.read_bytes())


def other_json(file):
    file.write_bytes(b'{"step": "seven", "metric": [], "value": {}, "spec": 3, "run": 1}\n')


def deep(file):
    file.write_bytes(b"[" * 100_000)


def copied(file):
    shutil.copy(file, file.with_name(f"{file.stem} (1){file.suffix}"))


def a_folder(file):
    file.unlink()
    file.mkdir()


def gone(file):
    file.unlink()


def a_pipe(file):
    file.unlink()
    os.mkfifo(file)


def a_dead_link(file):
    file.unlink()
    file.symlink_to("nowhere")


DAMAGES = [
    *(truncated, cut_at_a_line, emptied, zeros, zeros_at_its_end, foreign_bytes, flipped, another_encoding),
    *(a_mark_before_it, an_empty_object, other_json, deep, copied, a_folder, gone, a_pipe, a_dead_link),
]
WHOLE = [gone, a_pipe, a_dead_link, emptied]

COMMANDS = {
    "resume": ["resume"],
    "resume longer": ["resume", "RUN", "--steps", 8],
    "show": ["show"],
    "sample": ["sample", "RUN", "-n", 3, "-o", "OUT/s.csv"],
    "judge": ["judge", "RUN", "--metrics", "frechet", "-n", 20],
    "report": ["report"],
    "compare": ["compare", "RUN", "OTHER"],
    "diagnose": ["diagnose"],
    "train from": ["train", "ring", "--from", "RUN", "--steps", 1, "--run.judge", 0, "--out", "OUT/new"],
    "bench": ["bench", "BENCH"],
}
CASES = [(name, damage) for name, damage in product(FILES, DAMAGES) if "." in name or damage in WHOLE]
TURNS = count()
ASKED = [
    (name, damage, command)
    for name, damage in CASES
    for command in (
        COMMANDS if os.environ.get("SADDLEPOINT_THOROUGH") else [list(COMMANDS)[next(TURNS) % len(COMMANDS)]]
    )
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished watched run, as bench lays it out."""
    folder = tmp_path_factory.mktemp("whole") / "ring" / "0"
    with pytest.raises(SystemExit) as exit:
        main([str(x) for x in ["train", "ring", "--steps", 6, *TINY, *WATCHED, "--out", folder]])
    assert not exit.value.code
    return folder


def files(folder):
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file() and f.name != ".lock"}


def weights(folder, step):
    return safetensors.torch.load((folder / f"checkpoints/{step:09d}.safetensors").read_bytes())


@pytest.mark.parametrize(("name", "damage", "command"), ASKED, ids=[f"{n}-{d.__name__}-{c}" for n, d, c in ASKED])
def test_a_damaged_run_is_one_line_or_a_right_answer(name, damage, command, whole, saddle, tmp_path):
    run, other = tmp_path / "ring" / "0", tmp_path / "other"
    for copy in (run, other):
        shutil.copytree(whole, copy)
    if not (run / name).is_dir():
        damage(run / name)
    else:
        shutil.rmtree(run / name)
        (run / name).write_bytes(b"")
        damage(run / name)
    before = files(run)
    words = {"RUN": run, "OTHER": other, "OUT": tmp_path, "BENCH": tmp_path}
    asked = COMMANDS[command] if len(COMMANDS[command]) > 1 else [*COMMANDS[command], "RUN"]
    status, out, err = saddle(*(re.sub("RUN|OTHER|OUT|BENCH", lambda w: str(words[w[0]]), str(word)) for word in asked))
    assert status in (0, 2), err
    if status == 2:
        assert out == "" or command in ("resume", "resume longer", "compare", "bench"), "refused before it began"
        assert all(line.startswith("saddle: ") for line in err.splitlines()), err
        assert err.count("\n") <= 5, err
    after = files(run)
    if status == 2 and command not in ("resume", "resume longer"):
        assert after.items() >= before.items(), "nothing is lost"
    for kept in {"config.toml", "data.json", "environment.json"} & before.keys():
        assert kept in after
        assert command == "resume longer" or after[kept] == before[kept], kept
    steps = {file for file in before if re.search(r"checkpoints/\d{9}\.saf", file)} - {name}
    if steps and status == 2:
        assert steps & after.keys(), "a checkpoint is left to go on from"
    if command == "resume" and status == 0:
        expected, found = weights(whole, 6), weights(run, 6)
        assert all(value.equal(found[key]) for key, value in expected.items())
