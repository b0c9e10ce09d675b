"""How long a run will take, from a few steps that are played on a copy of its game before the first."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from saddlepoint.asking import answerable, answers, questions
from saddlepoint.classifier import Classifier
from saddlepoint.configuration.building import optimizers_of
from saddlepoint.errors import BadOption
from saddlepoint.features.classifier import most_of
from saddlepoint.game import Fits, Game, Idle, Samples, Translates, asks
from saddlepoint.judging.records import unfitted
from saddlepoint.saved.model import Model
from saddlepoint.schedule import Lazy, schedule
from saddlepoint.training.loop import Step, train
from saddlepoint.training.processes import agreed
from saddlepoint.training.solvers import SOLVERS

if TYPE_CHECKING:
    from saddlepoint.runs.run import Run


class Forecast(NamedTuple):
    """About how many seconds the steps that are left take, each and in all, and judging, and its classifier to fit."""

    step: float
    steps: float
    classifier: float
    judging: float

    @property
    def total(self) -> float:
        """Seconds in all."""
        return self.steps + self.classifier + self.judging


def forecast(run: Run) -> Forecast | None:
    """What a run will take; None for one that is fitted at once.

    A few steps are played on a copy: the first is not counted, nor is what it sets up. Nothing of the run changes, nor
    does torch's random state. Every process must ask.
    """
    if isinstance(run.game, Fits) or run.over:
        return None
    game = deepcopy(run.game)
    with torch.random.fork_rng():
        step = _a_step(run, game)
        sample = _a_sample(run, game)
    looks = 1 + (run.watching.share if not run.watching.every else 0)
    left = run.settings.steps - run.done
    drawn = left // run.settings.drawn_every * (_PICTURE if run.source.spec.is_image else _PLOT)
    steps = left * step * looks + drawn
    fit = _a_fit(run) if run.settings.judge or run.will_look(steps) else 0.0
    return Forecast(step, steps, fit if unfitted(run.source) else 0.0, _judging(run, game, sample, fit))


def _a_step(run: Run, game: Game) -> float:
    """Seconds a step on average: one with every lazy term and one without, weighed by how often they are due.

    Of networks that grow they are those of the full size.
    """
    intervals, left = list(_intervals(run.config)), run.settings.steps - run.done
    light, full = list[float](), list[float]()
    for number, (step, seconds, spent) in enumerate(
        _clocked(run, game, step_of_full_size(game) + max(0, min(intervals, default=0) - 2)), start=1
    ):
        if number > 1 or left == 1:
            (full if intervals and not _is_light(step) else light).append(seconds)
        share = spent / number * left * _SHARE
        known = light and (full or not intervals)
        most = _SECONDS if number >= _STEADY else _SLOW
        enough = number >= min(_LEAST, left) and spent > (min(share, most) if known else share)
        # Each process has a clock of its own, and all play the same steps.
        if agreed(enough or number >= _MOST, run.device):
            break
    plain = median(light or full)
    return plain + (median(full) - plain) * sum(1 / k for k in intervals) / len(intervals) if full and light else plain


def step_of_full_size(game: Game) -> int:
    """A step at which a game works at its full size, and at which whatever is lazy is due."""
    return -(-game.grown // _DUE) * _DUE


def _clocked(run: Run, game: Game, start: int) -> Iterator[tuple[Step, float, float]]:
    """Steps of a game, from one on, with the seconds that each took and all so far."""
    batches = run.source.batches(run.settings.batch, device=run.device, shard=run.shard, even=game.even)
    moves = partial(train, solver=SOLVERS[run.settings.solver], start=start, rules=run.rules)
    began = before = time.perf_counter()
    for step in moves(game, batches, optimizers_of(run.config, game)):
        if run.device.type == "cuda":
            torch.cuda.synchronize(run.device)
        now = time.perf_counter()
        yield step, now - before, now - began
        before = now


def _is_light(step: Step) -> bool:
    return any(isinstance(term, Idle) for loss in step.losses.values() for term in loss.terms.values())


def _intervals(table: Mapping[str, Any]) -> Iterator[int]:
    """How often the lazy weights of a configuration are due: every so many steps."""
    for value in table.values():
        if isinstance(value, Mapping):
            yield from _intervals(value)
        elif isinstance(value, str):
            with suppress(BadOption):
                made = schedule(value)
                if isinstance(made, Lazy):
                    yield made.interval


def _a_sample(run: Run, game: Game) -> float:
    """Seconds a sample, of a batch's worth."""
    if not answerable(game):
        return 0.0
    model = Model(game.eval(), run.source.spec, 0)
    answering = isinstance(game, Translates) or asks(game)
    few = _ANSWERS if answering else max(_LEAST_PART, run.settings.batch // run.shard.world)
    asked = questions(game, run.source.real(few))
    began = time.perf_counter()
    answers(model, asked, seed=0)
    return (time.perf_counter() - began) / asked.n


def _a_fit(run: Run) -> float:
    """Seconds of fitting a classifier to the data; 0 for data without classes."""
    labelled = run.source.labelled
    if labelled is None:
        return 0.0
    return Classifier.seconds(labelled.spec.shape, len(labelled.spec.classes), most_of(labelled))


def _judging(run: Run, game: Game, sample: float, fit: float) -> float:
    """Seconds of the metrics, which for the greater part go with the square of how many samples there are."""
    if not run.settings.judge:
        return 0.0
    by_class = isinstance(game, Samples) and game.classes > 1
    count = min(run.settings.judge, run.source.size or run.settings.judge)
    other = most_of(run.source) if by_class else 0
    asked = count + (_ASKED + other if isinstance(game, Samples) and not asks(game) else 0)
    return _LEAST_METRICS + _METRICS * (count / 2000) ** 2 + sample * asked + (fit if by_class else 0.0)


# Every interval up to 16 divides it, and most that are longer.
_DUE = 720_720
# What measuring may take: of the time that is left, and in all.
_SHARE = 0.01  # of 1
_SECONDS = 1.0  # s, once there are so many steps that their median is steady
_STEADY = 12  # steps
_SLOW = 4.0  # s, however few they are
_LEAST_PART = 64  # samples, which are made together however few are wanted
_ANSWERS = 16  # questions of a model that answers, of large pictures one at a time
_MOST = 40  # steps
_LEAST = 2  # steps
# What a run takes beside its steps: between what was measured on two cores of an AMD EPYC.
_PICTURE = 0.1  # s for one of images; 0.01 of 8x8
_PLOT = 0.3  # s for one of points; 0.27 of the ring
_LEAST_METRICS = 2.0  # s, however few the samples
_METRICS = 6.0  # s more at 2000 samples; 1.4 of digits, 8.6 of the ring
_ASKED = 10_000  # samples, asked for class by class
