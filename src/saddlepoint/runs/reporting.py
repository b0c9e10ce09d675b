"""Run folders as pages: what is told of each is read from its files alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from saddlepoint.errors import BadRun
from saddlepoint.report.page import Curve, Score, Told, page
from saddlepoint.runs.compare import compared
from saddlepoint.runs.folder import RunFolder
from saddlepoint.runs.scores import short, value_of

_MOST_PICTURES = 24


def write_report(paths: Sequence[str | Path], out: Path) -> None:
    """Write one page about the runs in these folders; raises `BadRun` for what is no run's folder."""
    folders = [RunFolder(path) for path in paths]
    names = [str(path) for path in paths] if len(paths) > 1 else [Path(paths[0]).resolve().name]
    told = [_told(folder, name) for folder, name in zip(folders, names, strict=True)]
    scores = {name: folder.lines("scores") for folder, name in zip(folders, names, strict=True)}
    comparison = compared(scores)
    rows = [_score(row.metric, row.records, row.floor) for row in comparison.rows]
    try:
        out.write_text(page(told, rows, comparison.refused), encoding="utf-8")
    except OSError as error:
        raise BadRun(f"{out} cannot be written: {error.strerror}") from error


def _told(folder: RunFolder, name: str) -> Told:
    config, environment, scalars = folder.config(), folder.table("environment"), folder.lines("scalars")
    steps, events = folder.checkpoints(), folder.lines("events")
    paces = [("watched", event["text"]) for event in events if "look_every" in event]
    files = sorted((folder.path / "samples").glob("[0-9]*.png"))
    return Told(
        name=name,
        facts=[*_facts(config, environment, steps[-1] if steps else 0), *paces],
        curves=_curves(scalars),
        events=[{"text": event.get("text", ""), **event} for event in events if "look_every" not in event],
        pictures=[(int(file.stem), file.read_bytes()) for file in _spread(files, _MOST_PICTURES)],
        figures=[(_CAPTIONS[file.stem], file.read_bytes()) for file in _figures(folder)],
        config=tomli_w.dumps(config),
    )


_CAPTIONS = {"neighbours": "samples, and under each the training sample that is nearest to it"}


def _figures(folder: RunFolder) -> list[Path]:
    return [file for name in _CAPTIONS if (file := folder.path / "samples" / f"{name}.png").exists()]


def _facts(config: Mapping[str, Any], environment: Mapping[str, Any], step: int) -> Iterator[tuple[str, str]]:
    data = config["data"]
    yield "data", str(data.get("path", data["name"]))
    parts = [config[part]["name"] for part in ("game", "objective", "network") if part in config]
    yield "game", ", ".join(parts) + f" (recipe {config['recipe']})"
    regularizers = [
        f"{name} {' '.join(f'{key} {value}' for key, value in options.items())}"
        for name, options in config.get("regularizer", {}).items()
    ]
    if regularizers:
        yield "regularizers", ", ".join(regularizers)
    yield "steps", f"{step} of {config['run']['steps']}, batch {config['run']['batch']}, seed {config['run']['seed']}"
    yield "begun", str(environment.get("begun", "unknown"))
    packages = environment.get("packages", {})
    yield "made with", f"saddlepoint {packages.get('saddlepoint', '?')}, torch {packages.get('torch', '?')}"
    yield "command", f"saddle {' '.join(environment.get('command', []))}"


def _curves(scalars: Sequence[Mapping[str, Any]]) -> list[Curve]:
    names = dict.fromkeys(name for line in scalars for name in line if name != "step")
    return [
        Curve(
            name, [line["step"] for line in scalars if name in line], [line[name] for line in scalars if name in line]
        )
        for name in names
    ]


def _spread(files: Sequence[Path], most: int) -> list[Path]:
    """At most so many files, evenly over all, the first and the last among them."""
    if len(files) <= most:
        return list(files)
    return [files[round(i * (len(files) - 1) / (most - 1))] for i in range(most)]


def _score(metric: str, records: Sequence[Mapping[str, Any] | None], floor: float | None) -> Score:
    values = [value_of(record) if record else "" for record in records]
    return Score(metric, values, "" if floor is None else short(floor), [_detail(r) for r in records if r])


def _detail(record: Mapping[str, Any]) -> str:
    hidden = ("metric", "value", "low", "high", "floor")
    return ", ".join(f"{key} {json.dumps(value)}" for key, value in record.items() if key not in hidden and value)
