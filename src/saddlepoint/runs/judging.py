"""What a command line names, judged: a run's folder, or samples in a folder or file, against data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor

from saddlepoint.errors import BadData, BadOption, BadRun
from saddlepoint.extractor import Extractor
from saddlepoint.features import extractor_of
from saddlepoint.runs import config as configuration
from saddlepoint.runs.building import data_table, source_of
from saddlepoint.runs.evidence import Evidence, ModelEvidence
from saddlepoint.runs.folder import RunFolder, line_of
from saddlepoint.runs.judge import Doing, Record, judged, nobody, prepare, suitable
from saddlepoint.runs.model import load
from saddlepoint.runs.reference import Reference
from saddlepoint.source import Column, Labelled, Source


class Told(NamedTuple):
    """What the user said: real data and its options, the metrics' names, features, how many samples ..."""

    against: str | None = None
    metrics: tuple[str, ...] | None = None
    features: str | None = None
    samples: int | None = None
    seed: int | None = None
    checkpoint: str = "best"
    data: Mapping[str, Any] = MappingProxyType({})


def judge_at(path: str, told: Told, out: str | None = None, tell: Doing = nobody) -> Iterator[Record]:
    """The scores of what is at `path`, as they come; they are written into the run's folder, or to `out`.

    In a run's folder they take the place of those of the same metric, features and reference, and of older steps.
    `tell` is told what is being computed.

    Raises `BadOption` for samples without a reference, `BadData` for samples and references that cannot be read or do
    not fit, `Unfit` for a metric that was named and cannot be had.
    """
    folder = RunFolder(path) if (Path(path) / "config.toml").exists() else None
    evidence = _of_run(folder, told, tell) if folder else _of_samples(path, told, tell)
    records: list[Record] = []
    before = folder.lines("scores") if folder else []
    for record in judged(evidence, told.metrics, tell):
        records.append(record)
        if folder:
            folder.write("scores", [*_kept(before, records), *records])
        if out:
            write_scores(Path(out), records)
        yield record


def _kept(before: Sequence[Record], records: Sequence[Record]) -> list[Record]:
    """The scores that new ones do not take the place of."""
    made = {_what(record) for record in records}
    return [old for old in before if old.get("step") == records[0].get("step") and _what(old) not in made]


def _what(record: Record) -> tuple[Any, ...]:
    return tuple(record.get(key) for key in ("metric", "features", "features_digest", "reference"))


def write_scores(file: Path, records: Sequence[Record]) -> None:
    """Scores as JSON, one a line; raises `BadRun` where they cannot be written."""
    try:
        file.write_text("".join(map(line_of, records)), encoding="utf-8")
    except OSError as error:
        raise BadRun(f"{file} cannot be written: {error.strerror}") from error


def scores_at(path: str) -> list[Record]:
    """The scores in a run's folder or in a file that `saddle judge -o` wrote; raises `BadRun` where there are none."""
    if (Path(path) / "config.toml").exists():
        records = RunFolder(path).lines("scores")
    elif Path(path).is_file():
        records = _scores_in(Path(path))
    else:
        raise BadRun(f"{path}: wanted a run's folder or a file of scores, and there is none")
    if not records:
        raise BadRun(f"{path} holds no scores; make some with `saddle judge {path}`")
    return records


def _scores_in(file: Path) -> list[Record]:
    try:
        records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        if all({"metric", "value"} <= record.keys() for record in records):
            return records
    except (ValueError, OSError, AttributeError):
        pass
    raise BadRun(f"{file} is no file of scores: wanted JSON objects with metric and value, one a line")


def _of_run(folder: RunFolder, told: Told, tell: Doing) -> Evidence:
    source = _source(told.against or str(folder.path), told.data)
    seed = folder.config()["run"]["seed"] if told.seed is None else told.seed
    return ModelEvidence(_reference(source, told, tell), load(folder.path, told.checkpoint), seed=seed)


def _of_samples(path: str, told: Told, tell: Doing) -> Evidence:
    if told.against is None:
        raise BadOption(f"{path} is no run's folder; to judge samples say what against: --against DATA")
    reference = _reference(_source(told.against, told.data), told, tell)
    return Evidence(reference, _samples(path, reference.source, told.samples or reference.count))


def _reference(source: Source, told: Told, tell: Doing) -> Reference:
    if not told.features:
        prepare(source, tell)
    extractor: Extractor = extractor_of(told.features, source) if told.features else suitable(source)
    return Reference(source, extractor, told.samples)


def _source(data: str, options: Mapping[str, Any]) -> Source:
    """Data by name or path, or that of a run by its folder, which has options of its own; those told go over them."""
    if (Path(data) / "config.toml").exists():
        table = RunFolder(data).config()["data"]
        own = {name: value for name, value in table.items() if name not in ("name", "path")}
        return source_of(configuration.complete_data(table["name"], table.get("path"), own | dict(options)))
    return source_of(data_table(data, options))


def _samples(path: str, real: Source, count: int) -> Labelled:
    """At most `count` of the samples at a path, their labels and categories numbered as `real` numbers them."""
    entry = configuration.PARTS["data"].entry(data_table(path, {})["name"])
    source = _source(path, {"held_out": 0.0} if "held_out" in entry.options else {})
    found = source.real(min(source.size or count, count))
    x = _columns_as(real.units.columns, source.units.columns, found.x, path) if real.units.columns else found.x
    return Labelled(x, _labels_as(real.spec.classes, source.spec.classes, found.y, path))


def _labels_as(wanted: Sequence[str], got: Sequence[str], y: Tensor | None, path: str) -> Tensor | None:
    return None if y is None or not wanted else _renumbered(wanted, got, y, f"{path}: label")


def _columns_as(wanted: Sequence[Column], got: Sequence[Column], x: Tensor, path: str) -> Tensor:
    """The columns `wanted` of a table x (N, D) with columns `got`, found by name."""
    there = {column.name: (column, values) for column, values in zip(got, x.unbind(1), strict=False)}
    parts = []
    for column in wanted:
        if column.name not in there:
            raise BadData(f"{path}: the reference's column {column.name!r} is missing; there are: {', '.join(there)}")
        found, values = there[column.name]
        where = f"{path}: column {column.name!r}"
        if bool(found.categories) != bool(column.categories):
            raise BadData(f"{where} holds {'categories' if found.categories else 'numbers'}, not so the reference's")
        parts.append(_renumbered(column.categories, found.categories, values, where) if column.categories else values)
    return torch.stack([part.float() for part in parts], dim=1)


def _renumbered(wanted: Sequence[str], got: Sequence[str], index: Tensor, where: str) -> Tensor:
    """Indices (N,) of the names `got` as indices of the names `wanted`; names that are numbers may stand for those."""
    numbers = {name: number for number, name in enumerate(wanted)}
    if not set(got) <= numbers.keys() and all(name.isdecimal() for name in got):
        numbers = {str(number): number for number in range(len(wanted))}
    for name in got:
        if name not in numbers:
            raise BadData(f"{where}: {name!r} is not among those of the reference: {', '.join(wanted)}")
    return torch.tensor([numbers[name] for name in got])[index.long()]
