"""What a command line names, judged: a run's folder, or samples in a folder or file, against data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor

from saddlepoint.configuration import tables
from saddlepoint.configuration.building import data_table, source_of, through
from saddlepoint.data._labels import places
from saddlepoint.data._open import alike_by
from saddlepoint.errors import BadData, BadOption, BadRun
from saddlepoint.extractor import Extractor
from saddlepoint.features import extractor_of
from saddlepoint.judging.evidence import Doing, Evidence, ModelEvidence, nobody
from saddlepoint.judging.records import fit_classifier, judged, suitable
from saddlepoint.judging.reference import Reference
from saddlepoint.judging.words import kept, of_one_step
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.lock import Lock
from saddlepoint.saved.log import KINDS, Record, line_of, records_in
from saddlepoint.saved.model import Model, load
from saddlepoint.saved.provenance import description, refuse_other_data
from saddlepoint.saved.storage import replace
from saddlepoint.source import Labelled, Source
from saddlepoint.tabular.column import Column


class Told(NamedTuple):
    """What the user said: real data and its options, the metrics' names, features, how many samples ..."""

    against: str | None = None
    metrics: tuple[str, ...] | None = None
    features: str | None = None
    samples: int | None = None
    seed: int | None = None
    checkpoint: str = "best"
    data: Mapping[str, Any] = MappingProxyType({})
    trust: bool = False


def judge_at(path: str, told: Told, out: str | None = None, tell: Doing = nobody) -> Iterator[Record]:
    """The scores of what is at `path`, as they come; they are written into the run's folder, or to `out`.

    In a run's folder they take the place of those of the same metric, step, features and reference. `tell` is told what
    is being computed.

    Raises `BadOption` for samples without a reference, `BadData` for samples and references that cannot be read or do
    not fit, `Unfit` for a metric that was named and cannot be had.
    """
    folder = RunFolder(path)
    if not folder.is_run():
        yield from _written(judged(_of_samples(path, told, tell), told.metrics, tell), out)
        return
    lock = Lock(folder.path)
    try:
        records = judged(_of_run(folder, told, tell), told.metrics, tell)
        yield from _written(kept(folder, records), out)
    finally:
        lock.release()


def _written(records: Iterable[Record], out: str | None) -> Iterator[Record]:
    """The scores as they come, all so far in the file `out` by then."""
    made: list[Record] = []
    for record in records:
        made.append(record)
        if out:
            write_scores(Path(out), made)
        yield record


def write_scores(file: Path, records: Sequence[Record]) -> None:
    """Scores as JSON, one a line; raises `BadRun` where they cannot be written."""
    RunFolder(file.parent).refuse_own(file)
    replace(file, partial(Path.write_text, data="".join(map(line_of, records)), encoding="utf-8"))


def scores_at(path: str) -> list[Record]:
    """The scores in a run's folder or in a file that `saddle judge -o` wrote; raises `BadRun` where there are none."""
    if RunFolder(path).is_run():
        records = of_one_step(RunFolder(path).lines("scores"))
    elif Path(path).is_file():
        records = records_in(Path(path), KINDS["scores"], whole=True)
    else:
        raise BadRun(f"{path}: wanted a run's folder or a file of scores, and there is none")
    if not records:
        raise BadRun(f"{path} holds no scores; make some with `saddle judge {path}`")
    return records


def _of_run(folder: RunFolder, told: Told, tell: Doing) -> Evidence:
    model = load(folder.path, told.checkpoint, trust=told.trust)
    reference, seed = real_of(folder, model, told, tell)
    return ModelEvidence(reference, model, seed=seed)


def real_of(folder: RunFolder, model: Model, told: Told, tell: Doing = nobody) -> tuple[Reference, int]:
    """The real data that is told, or a run's own, that its `model` is judged by, and the seed of the judgement."""
    config = folder.trusted(folder.config(), trust=told.trust)
    source = _source(told.against or str(folder.path), told, model, config.get("task"))
    if told.against is None and not told.data:
        refuse_other_data(folder.path, folder.table("data"), description(source))
    seed = config["run"]["seed"] if told.seed is None else told.seed
    return _reference(source, told, tell), seed


def _of_samples(path: str, told: Told, tell: Doing) -> Evidence:
    if told.against is None:
        raise BadOption(f"{path} is no run's folder; to judge samples say what against: --against DATA")
    reference = _reference(_source(told.against, told), told, tell)
    return Evidence(reference, _samples(path, reference.source, told.samples or reference.count))


def _reference(source: Source, told: Told, tell: Doing) -> Reference:
    if not told.features:
        fit_classifier(source, tell)
    extractor: Extractor = extractor_of(told.features, source) if told.features else suitable(source)
    return Reference(source, extractor, told.samples)


def _source(data: str, told: Told, model: Model | None = None, task: Mapping[str, Any] | None = None) -> Source:
    """Data by name or path, or that of a run by its folder, which has options of its own; those told go over them.

    A table that a `model` of a table is judged against is read as the model's own. Data in which nothing is given is
    seen through the run's own task, or through that of the `model`.
    """
    folder = RunFolder(data)
    if folder.is_run():
        config = folder.trusted(folder.config(), trust=told.trust)
        table, task = config["data"], config.get("task", task)
        own = {name: value for name, value in table.items() if name not in ("name", "path")}
        return _seen(source_of(tables.complete_data(table["name"], table.get("path"), own | dict(told.data))), task)
    said = data_table(data, told.data)
    alike = alike_by(said["name"])
    if model is None or alike is None or not model.units.sheet:
        return _seen(source_of(said), task)
    known = ("label", model.units.sheet.label)
    if other := [name for name, value in told.data.items() if name != "held_out" and (name, value) != known]:
        raise BadOption(f"{data} is read as the run's own table: leave out --data.{other[0]}")
    return alike(data, model.units, model.spec.classes, held_out=said["held_out"])


def _seen(source: Source, task: Mapping[str, Any] | None) -> Source:
    return source if source.spec.given else through(source, task)


def _samples(path: str, real: Source, count: int) -> Labelled:
    """At most `count` of the samples at a path, their columns, categories and labels those of `real`."""
    name = data_table(path, {})["name"]
    if (alike := alike_by(name)) and real.units.columns:
        source = alike(path, real.units, real.spec.classes)
        return source.real(min(source.size or count, count))
    entry = tables.PARTS["data"].entry(name)
    source = source_of(data_table(path, {"held_out": 0.0} if "held_out" in entry.options else {}))
    found = source.real(min(source.size or count, count))
    x = _columns_as(real.units.columns, found.x, path) if real.units.sheet else found.x
    return Labelled(x, _labels_as(real.spec.classes, source.spec.classes, found.y, path))


def _labels_as(wanted: Sequence[str], got: Sequence[str], y: Tensor | None, path: str) -> Tensor | None:
    """Labels (N,), places among the names `got`, as places among the names `wanted`; `meant` says what is meant."""
    return None if y is None or not wanted else torch.tensor(places(got, wanted, path))[y.long()]


def _columns_as(wanted: Sequence[Column], x: Tensor, path: str) -> Tensor:
    """An array (N, D) of a table's columns, as `saddle sample` writes one: its categories must be such."""
    for place, column in enumerate(wanted if x.dim() == 2 and x.shape[1] == len(wanted) else ()):
        index, last = x[:, place], len(column.categories) - 1
        if column.categories and not bool(((index >= 0) & (index <= last) & (index == index.round())).all()):
            raise BadData(f"{path}: column {place}: wanted numbers of the categories of {column.name!r}, 0 to {last}")
    return x
