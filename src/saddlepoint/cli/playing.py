"""Playing a run before somebody's eyes: what is coming, progress, scores, and a way to stop."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from saddlepoint.cli.plain import Plain
from saddlepoint.cli.steadfast import steadfast
from saddlepoint.cli.waiting import Waiting
from saddlepoint.errors import Diverged, SaddlepointError, shown
from saddlepoint.judging.records import fit_classifier
from saddlepoint.judging.words import score_line
from saddlepoint.runs.budget import Budget
from saddlepoint.runs.estimate import estimate
from saddlepoint.runs.origin import Origin
from saddlepoint.runs.pace import forecast
from saddlepoint.runs.run import Run
from saddlepoint.source import Shard
from saddlepoint.training.loop import Step
from saddlepoint.training.processes import anybody, best_device, joined

INTERRUPTED = 130
_AGREE_EVERY = 16
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def begin(
    data: str,
    said: Mapping[str, Any],
    recipe: str | None,
    out: str | None,
    *,
    origin: str | None,
    minutes: float | None,
    trust: bool,
) -> int:
    """Start a new run and play it to its end; the exit status."""
    budget = Budget(minutes) if minutes is not None else None

    def made(shard: Shard, doing: Callable[[str], None]) -> Run:
        start, say = Origin.of(origin, trust=trust) if origin else None, _noted_by(shard)
        return Run.begin(said, data, recipe, out, shard, origin=start, say=say, trust=trust, budget=budget, doing=doing)

    return _played(made)


def go_on(path: str, change: Mapping[str, Any], trust: bool) -> int:
    """Play a stopped run to its end, with the options in `change` put over its own; the exit status."""
    return _played(lambda shard, doing: Run.resume(path, shard, _noted_by(shard), change, trust=trust))


def _noted_by(shard: Shard) -> Callable[[str], None]:
    """What notes are told to: one process speaks for all."""
    return _note if shard.rank == 0 else lambda line: None


def _note(line: str) -> None:
    print(shown(f"saddle: {line}"), file=steadfast(sys.stderr))


def _played(make: Callable[[Shard, Callable[[str], None]], Run]) -> int:
    with ExitStack() as ended:
        with joined(best_device()) as shard:
            console = Plain(sys.stdout, quiet=shard.rank > 0)
            with Waiting(console) as tell:
                tell("reading the data")
                run = make(shard, tell)
            ended.callback(run.release)
            if run.over and run.folder.is_complete():
                longer = f"train longer with: saddle resume {run.folder.path} --steps N"
                console.say(f"{run.folder.path} is complete: {run.done} steps; {longer}")
                return 0
            status = _play(console, run)
        # The others are gone: nobody waits while the first one judges.
        if status == 0 and shard.rank == 0:
            _report(console, run)
    return status


def _play(console: Plain, run: Run) -> int:
    for line in run.source.notes if run.shard.rank == 0 else ():
        _note(line)
    expected = forecast(run)
    for line in estimate(run, expected):
        console.say(line)
    if run.shard.rank == 0 and expected and run.will_look(expected.steps):
        # What a look wants is made before the first step: nothing stalls on the way.
        with Waiting(console) as tell:
            fit_classifier(run.source, tell)
    with _stop_asked() as asked, _progress(console, run) as show:
        try:
            for step in run.steps(lambda event: console.say(told(event))):
                show(step)
                if _stopped(run, asked()):
                    run.save()
                    console.say(f"stopped at step {run.done}; go on with: saddle resume {run.folder.path}")
                    return INTERRUPTED
        except Diverged:
            if run.shard.rank == 0:
                run.report()
            raise
        except SaddlepointError as error:
            if steps := run.folder.checkpoints():
                go_on = f"`saddle resume {run.folder.path}` goes on from step {steps[-1]}"
                error.args = (f"{error}; what was saved before stands, {go_on}",)
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


def _report(console: Plain, run: Run) -> None:
    judged = run.done
    with Waiting(console) as tell:
        for record in run.judge(tell):
            if record["step"] != judged:
                judged = record["step"]
                console.say(
                    f"judged at step {judged}, the best by {run.watching.score}; it is what `saddle sample` takes"
                )
            console.say(score_line(record))
    console.say(f"samples: {run.folder.path / 'samples' / f'{run.done:09d}.png'}")
    console.say(f"report: {run.folder.path / 'report.html'}")
    more = "-n 1000 -o made.csv" if run.source.units.sheet else "-n 64 -o grid.png"
    console.say(f"run: {run.folder.path}   more samples: saddle sample {run.folder.path} {more}")


@contextmanager
def _stop_asked() -> Iterator[Callable[[], bool]]:
    """Ctrl-C, SIGTERM and a closed terminal ask to stop after the step under way; asked twice, they stop at once."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        asked = True

    # What nohup ignores stays ignored.
    heard = [number for number in _SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    before = {number: signal.signal(number, ask) for number in heard}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(console: Plain, run: Run) -> Iterator[Callable[[Step], None]]:
    """A bar on a terminal, a plain line now and then elsewhere."""
    if "ipykernel" in sys.modules:
        yield _Lines(run, _renewed, most=0.5)
        print()
        return
    if not console.is_terminal:
        yield _Lines(run, console.say, most=30.0)
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


def _renewed(line: str) -> None:
    """A line in the place of the one before, as a notebook shows it."""
    print(f"\r{line:<100}", end="", flush=True)


class _Lines:
    """Plain lines: the expected time once it can be told, then one every few seconds, `most` at most."""

    def __init__(self, run: Run, tell: Callable[[str], None], most: float) -> None:
        self._run, self._tell, self._most = run, tell, most
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
        self._tell(
            f"step {self._run.done}/{self._run.settings.steps}  {pace * 1000:.1f} ms a step  "
            f"{left:.0f} s left  {_terms(step)}"
        )
        self._pause = min(self._pause * 1.5, self._most)
        self._next = now + self._pause


def _terms(step: Step) -> str:
    totals = {name: value for name, value in step.scalars().items() if name.endswith("/total")}
    return "  ".join(f"{name.removesuffix('/total')} {value:.3f}" for name, value in totals.items())
