"""Run folders as pages: what is told of each is read from its files alone."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w

from saddlepoint.errors import BadRun
from saddlepoint.judging.compare import Row, compared
from saddlepoint.judging.words import listed, of_one_step, short, value_of
from saddlepoint.report.page import Curve, Score, Told, page
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.storage import bytes_of, replace

_MOST_PICTURES, _MOST_PICTURE = 24, 2**26
Picture = tuple[int, Path]


def write_report(paths: Sequence[str | Path], out: Path) -> None:
    """Write one page about the runs in these folders; raises `BadRun` for what is no run's folder."""
    folders = [RunFolder(path) for path in paths]
    names = [str(path) for path in paths] if len(paths) > 1 else [Path(paths[0]).resolve().name]
    told = [_told(folder, name) for folder, name in zip(folders, names, strict=True)]
    scores = {name: of_one_step(folder.lines("scores")) for folder, name in zip(folders, names, strict=True)}
    comparison = compared(scores)
    rows = [_score(row) for row in comparison.rows]
    text = page(told, rows, comparison.refused)
    replace(out, partial(Path.write_text, data=text, encoding="utf-8", errors="replace"))


def _told(folder: RunFolder, name: str) -> Told:
    config, environment, scalars = folder.config(), folder.table("environment"), folder.lines("scalars")
    steps, events = folder.checkpoints(), folder.lines("events")
    paces = [("watched", event["text"]) for event in events if "look_every" in event]
    pictures = _spread(list(folder.pictures().items()), _MOST_PICTURES)
    try:
        facts = [*_facts(config, environment, steps[-1] if steps else 0), *paces]
    except (KeyError, TypeError, ValueError):
        raise BadRun(f"{folder.path / 'environment.json'} is damaged; put it back") from None
    return Told(
        name=name,
        facts=facts,
        curves=_curves(scalars),
        events=[{"text": "", **event} for event in events if not {"look_every", "judged"} & event.keys()],
        pictures=[(step, _png(file)) for step, file in pictures],
        figures=[(_CAPTIONS[file.stem], _png(file)) for file in _figures(folder)],
        config=tomli_w.dumps(config),
    )


_CAPTIONS = {"neighbours": "samples, and under each the training sample that is nearest to it"}


def _figures(folder: RunFolder) -> list[Path]:
    return [file for name in _CAPTIONS if (file := folder.path / "samples" / f"{name}.png").exists()]


def _png(file: Path) -> bytes:
    """A picture that the run drew; raises `BadRun` for anything else, which a page would give away."""
    if not file.is_symlink() and (content := bytes_of(file, _MOST_PICTURE)).startswith(b"\x89PNG"):
        return content
    raise BadRun(f"{file} is no picture that this run drew; remove it")


def _facts(config: Mapping[str, Any], environment: Mapping[str, Any], step: int) -> Iterator[tuple[str, str]]:
    data = config["data"]
    yield "data", str(data.get("path", data["name"]))
    if "task" in config:
        yield "task", _with_options(config["task"]["name"], config["task"])
    parts = [config[part]["name"] for part in ("game", "objective", "network") if part in config]
    yield "game", ", ".join(parts) + f" (recipe {config['recipe']})"
    regularizers = [_with_options(name, options) for name, options in config.get("regularizer", {}).items()]
    if regularizers:
        yield "regularizers", ", ".join(regularizers)
    yield "steps", f"{step} of {config['run']['steps']}, batch {config['run']['batch']}, seed {config['run']['seed']}"
    yield "begun", str(environment["begun"])
    packages = {"saddlepoint": "?", "torch": "?", **dict(environment["packages"])}
    yield "made with", f"saddlepoint {packages['saddlepoint']}, torch {packages['torch']}"
    yield "command", shlex.join(["saddle", *map(str, environment["command"])])


def _with_options(name: str, options: Mapping[str, Any]) -> str:
    return " ".join([name, *(f"{key} {value}" for key, value in options.items() if key != "name")])


def _curves(scalars: Sequence[Mapping[str, Any]]) -> list[Curve]:
    names = dict.fromkeys(name for line in scalars for name in line if name != "step")
    return [
        Curve(
            name, [line["step"] for line in scalars if name in line], [line[name] for line in scalars if name in line]
        )
        for name in names
    ]


def _spread(pictures: Sequence[Picture], most: int) -> list[Picture]:
    """At most so many pictures, evenly over all, the first and the last among them."""
    if len(pictures) <= most:
        return list(pictures)
    return [pictures[round(i * (len(pictures) - 1) / (most - 1))] for i in range(most)]


def _score(row: Row) -> Score:
    values = [value_of(record) if record else "" for record in row.records]
    floor, details = "" if row.floor is None else short(row.floor), [_detail(r) for r in row.records if r]
    return Score(row.metric, values, floor, details, listed(row.costless))


def _detail(record: Mapping[str, Any]) -> str:
    hidden = ("metric", "value", "low", "high", "floor", "costless")
    return ", ".join(f"{key} {json.dumps(value)}" for key, value in record.items() if key not in hidden and value)
