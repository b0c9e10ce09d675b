"""A run, or several side by side, as one HTML page that needs nothing from outside."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import pairwise
from typing import Any

_MOST_POINTS = 400
_COLOURS = ("#1f6fb4", "#c0504d", "#3f8f4f", "#8a5fb0", "#c98a1b", "#3aa6a6", "#7f7f7f", "#b04f8a")


@dataclass(frozen=True)
class Curve:
    """A number over steps; where it was not finite, None."""

    name: str
    steps: Sequence[int]
    values: Sequence[float | None]


@dataclass(frozen=True)
class Told:
    """What a page tells of one run.

    `facts` are label and text; `curves` the logged numbers, named PLAYER/TERM; `events` have a step and a text;
    `pictures` are PNGs by step, `figures` PNGs by caption.
    """

    name: str
    facts: Sequence[tuple[str, str]]
    curves: Sequence[Curve] = ()
    events: Sequence[Mapping[str, Any]] = ()
    pictures: Sequence[tuple[int, bytes]] = ()
    figures: Sequence[tuple[str, bytes]] = ()
    config: str = ""


@dataclass(frozen=True)
class Score:
    """A row of the score table: a metric, a text for each run, what real data gets, how each was measured, and what
    costs nothing.
    """

    metric: str
    values: Sequence[str]
    floor: str
    details: Sequence[str] = field(default=())
    costless: str = ""


def page(runs: Sequence[Told], scores: Sequence[Score], refused: Sequence[str] = ()) -> str:
    """The page as HTML, with its styles, its script, its pictures and its numbers inside."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    parts = {name: _text(f"page.{name}") for name in ("css", "js")}
    return environment.from_string(_text("page.html")).render(
        title=", ".join(run.name for run in runs),
        runs=[_shown(run) for run in runs],
        colours=_COLOURS,
        scores=scores,
        costless=any(score.costless for score in scores),
        refused=refused,
        charts=_charts(runs),
        **parts,
    )


def _text(name: str) -> str:
    return files("saddlepoint.report").joinpath(name).read_text(encoding="utf-8")


def _shown(run: Told) -> dict[str, Any]:
    pictures = [{"step": step, "source": _inline(png)} for step, png in run.pictures]
    figures = [{"caption": caption, "source": _inline(png)} for caption, png in run.figures]
    return vars(run) | {"pictures": pictures, "figures": figures}


def _inline(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"


def _charts(runs: Sequence[Told]) -> list[dict[str, Any]]:
    """What the script draws: of one run a chart for each group of curves, of several one for each name.

    What was seen but once is no curve.
    """
    alone = len(runs) == 1
    charts: dict[str, dict[str, Any]] = {}
    for number, run in enumerate(runs):
        curves = [curve for curve in run.curves if len(curve.steps) > 1]
        for curve in sorted(curves, key=lambda curve: _PLACES.get(_group(curve.name), _TERMS)):
            title = _group(curve.name) if alone else curve.name
            chart = charts.setdefault(title, {"title": title, "series": [], "events": []})
            colour = _COLOURS[(len(chart["series"]) if alone else number) % len(_COLOURS)]
            name = curve.name if alone else run.name
            steps, values = thinned(curve.steps, curve.values)
            chart["series"].append({"name": name, "colour": colour, "steps": steps, "values": values})
    for run in runs:
        for event in run.events:
            for chart in charts.values():
                chart["events"].append({"step": event["step"], "text": event["text"]})
    return list(charts.values())


_TERMS = 2
_PLACES = {
    "scores": 0,
    "losses": 1,
    # Here are the terms of each player.
    "score of the looks": 3,
    "what the looks saw": 4,
    "gradient norms": 5,
    "signals": 6,
    "weight norms": 7,
}
_SCORES_OF_LOOKS = ("score", "score_low", "floor")
_TITLES = {"total": "losses", "gradient": "gradient norms", "weight": "weight norms"}
_TITLES |= dict.fromkeys(("told_apart", "variety", "variety_error", "skipped"), "signals")


def _group(name: str) -> str:
    player, _, term = name.partition("/")
    if not term:
        return "scores"
    if player == "look":
        return "score of the looks" if term in _SCORES_OF_LOOKS else "what the looks saw"
    return _TITLES.get(term, f"terms of the {player}")


def thinned(steps: Sequence[int], values: Sequence[float | None]) -> tuple[list[int], list[float | None]]:
    """A curve of at most 400 points that keeps the least and the greatest value of what it leaves out.

    >>> thinned([1, 2, 3], [0.5, None, 0.25])
    ([1, 2, 3], [0.5, None, 0.25])
    """
    if len(steps) <= _MOST_POINTS:
        return list(steps), list(values)
    edges = [round(i * len(steps) / (_MOST_POINTS // 2)) for i in range(_MOST_POINTS // 2 + 1)]
    kept: list[int] = []
    for start, stop in pairwise(edges):
        there = [i for i in range(start, stop) if values[i] is not None]
        if there:
            kept += sorted({min(there, key=lambda i: values[i] or 0.0), max(there, key=lambda i: values[i] or 0.0)})
        else:
            kept.append(start)
    return [steps[i] for i in kept], [values[i] for i in kept]
