"""Playing a run before somebody's eyes: what is coming, progress, scores, and a way to stop."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from saddlepoint.cli.waiting import Waiting
from saddlepoint.errors import Diverged
from saddlepoint.runs.estimate import estimate
from saddlepoint.runs.judge import prepare
from saddlepoint.runs.pace import forecast
from saddlepoint.runs.run import Run
from saddlepoint.runs.scores import score_line
from saddlepoint.source import Shard
from saddlepoint.training.loop import Step
from saddlepoint.training.processes import anybody, best_device, joined

INTERRUPTED = 130
_AGREE_EVERY = 16


def begin(data: str, said: Mapping[str, Any], recipe: str | None, out: str | None) -> int:
    """Start a new run and play it to its end; the exit status."""
    return _played(lambda shard: Run.begin(said, data, recipe, out, shard))


def go_on(path: str) -> int:
    """Play a stopped run to its end; the exit status."""
    return _played(lambda shard: Run.resume(path, shard, _note))


def _note(line: str) -> None:
    print(f"saddle: {line}", file=sys.stderr)


def _played(make: Callable[[Shard], Run]) -> int:
    with joined(best_device()) as shard:
        run = make(shard)
        console = Console(quiet=shard.rank > 0, soft_wrap=True, highlight=False)
        if run.over and run.folder.is_complete():
            console.print(f"{run.folder.path} is complete: {run.done} steps")
            return 0
        status = _play(console, run)
    # The others are gone: nobody waits while the first one judges.
    if status == 0 and shard.rank == 0:
        _report(console, run)
    return status


def _play(console: Console, run: Run) -> int:
    for line in run.source.notes if run.shard.rank == 0 else ():
        _note(line)
    expected = forecast(run)
    for line in estimate(run, expected):
        console.print(line)
    if run.shard.rank == 0 and expected and run.will_look(expected.steps):
        # What a look wants is made before the first step: nothing stalls on the way.
        with Waiting(console) as tell:
            prepare(run.source, tell)
    with _stop_asked() as asked, _progress(console, run) as show:
        try:
            for step in run.steps(lambda event: console.print(told(event))):
                show(step)
                if _stopped(run, asked()):
                    run.save()
                    console.print(f"stopped at step {run.done}; go on with: saddle resume {run.folder.path}")
                    return INTERRUPTED
        except Diverged:
            if run.shard.rank == 0:
                run.report()
            raise
    return 0


def _stopped(run: Run, asked: bool) -> bool:
    """Whether to stop now; several processes agree every few steps, so that all stop at the same one."""
    if run.shard.world == 1:
        return asked
    return run.done % _AGREE_EVERY == 0 and anybody(asked, run.device)


def told(event: Mapping[str, Any]) -> str:
    """A line of events.jsonl as a line for a reader."""
    advice = f"; {event['advice']}" if "advice" in event else ""
    return f"step {event['step']}: {event['text']}{advice}"


def _report(console: Console, run: Run) -> None:
    judged = run.done
    with Waiting(console) as tell:
        for record in run.judge(tell):
            if record["step"] != judged:
                judged = record["step"]
                console.print(
                    f"judged at step {judged}, the best by {run.watching.score}; it is what `saddle sample` takes"
                )
            console.print(score_line(record))
    console.print(f"samples: {run.folder.path / 'samples' / f'{run.done:09d}.png'}")
    console.print(f"report: {run.folder.path / 'report.html'}")
    console.print(f"run: {run.folder.path}   more samples: saddle sample {run.folder.path} -n 64 -o grid.png")


@contextmanager
def _stop_asked() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM ask to stop after the step under way; asked twice, they stop at once."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(console: Console, run: Run) -> Iterator[Callable[[Step], None]]:
    """A bar on a terminal, a plain line now and then elsewhere."""
    if not console.is_terminal:
        yield _Lines(console, run)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[terms]}"),
    )
    with Progress(*columns, console=console, refresh_per_second=4) as progress:
        task = progress.add_task("training", total=run.settings.steps, completed=run.done, terms="")

        def show(step: Step) -> None:
            if run.done % run.settings.log_every == 0:
                progress.update(task, terms=_terms(step))
            progress.update(task, completed=run.done)

        yield show


class _Lines:
    """Plain lines: the expected time once it can be told, then at most one every few seconds."""

    def __init__(self, console: Console, run: Run) -> None:
        self._console, self._run = console, run
        self._steps, self._began = 0, time.monotonic()
        self._next = self._began + 2.0
        self._pause = 2.0

    def __call__(self, step: Step) -> None:
        self._steps += 1
        now = time.monotonic()
        if now < self._next and self._run.done < self._run.settings.steps:
            return
        pace = (now - self._began) / self._steps
        left = pace * (self._run.settings.steps - self._run.done)
        self._console.print(
            f"step {self._run.done}/{self._run.settings.steps}  {pace * 1000:.1f} ms a step  "
            f"{left:.0f} s left  {_terms(step)}"
        )
        self._pause = min(self._pause * 1.5, 30.0)
        self._next = now + self._pause


def _terms(step: Step) -> str:
    totals = {name: value for name, value in step.scalars().items() if name.endswith("/total")}
    return "  ".join(f"{name.removesuffix('/total')} {value:.3f}" for name, value in totals.items())
