"""What is told while something takes its time."""

import io
import time

from saddlepoint.cli import waiting
from saddlepoint.cli.plain import Plain
from saddlepoint.cli.waiting import Waiting
from saddlepoint.runs.run import Run


def told(*doing, terminal=False, pause=0.05):
    out = io.StringIO()
    with Waiting(Plain(out, terminal=terminal)) as tell:
        for one in doing:
            tell(one)
            time.sleep(pause)
    return out.getvalue()


def test_what_takes_long_is_told_once_and_what_is_quick_never(monkeypatch):
    assert told("judging: frechet") == ""
    monkeypatch.setattr(waiting, "_FIRST", 0.01)
    monkeypatch.setattr(waiting, "_MOST", 0.01)
    assert told(*["judging: frechet"] * 4).splitlines() == ["judging: frechet"]
    assert told("judging: a[/b]\x1b[2J").splitlines() == ["judging: a[/b]\\x1b[2J"], "no markup, and steers nothing"
    assert told("fitting: 10%", "fitting: 90%").splitlines() == ["fitting: 10%", "fitting: 90%"]


def test_a_terminal_has_one_line_that_renews_itself():
    out = told("judging: frechet", "judging: kernel", terminal=True, pause=0.2)
    assert "judging: frechet" in out
    assert "judging: kernel" in out
    assert out.rstrip().endswith("\x1b[2K"), "and is gone at the end"


def test_data_that_is_long_to_read_is_told_of(saddle, monkeypatch, tmp_path):
    begin = Run.begin

    def slow(*told, **named):
        time.sleep(0.3)
        return begin(*told, **named)

    monkeypatch.setattr(waiting, "_FIRST", 0.01)
    monkeypatch.setattr(Run, "begin", slow)
    tiny = ["--steps", 1, "--run.judge", 0, "--watch.share", 0, "--network.width", 4]
    status, out, _ = saddle("train", "ring", *tiny, "--out", tmp_path / "run")
    assert status == 0
    assert out.startswith("reading the data\n")
