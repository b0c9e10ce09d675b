"""Judging: metrics asked of the evidence, each beside what real data gets, as records that say how they were made."""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from saddlepoint import __version__, features, metrics
from saddlepoint.classifier import telling
from saddlepoint.errors import BadOption, Unfit, unknown
from saddlepoint.extractor import Extractor
from saddlepoint.features.classifier import fitted, fitted_before
from saddlepoint.forms import form_of
from saddlepoint.judging.costless import costless
from saddlepoint.judging.evidence import Doing, Evidence, ModelEvidence, RealEvidence, nobody
from saddlepoint.judging.reference import Reference
from saddlepoint.metric import Estimate, FewSamples
from saddlepoint.saved.model import Model
from saddlepoint.source import Labelled, Source

Record = dict[str, Any]


def judged(evidence: Evidence, names: Sequence[str] | None = None, tell: Doing = nobody) -> Iterator[Record]:
    """The scores of the metrics called `names`, or of all that this evidence allows, as they come.

    Beside each value its interval, where one can be told, and its floor: what as many real samples get. `tell` is told
    what is being computed. Raises `UnknownName` for a misspelt metric before any is computed, and `Unfit` for one that
    was named and cannot be had. Of a model that goes both ways the scores of the way back are called back.METRIC.
    """
    wanted = metrics.names() if names is None else names
    for name in wanted:
        metrics.shelf.entry(name)
    yield from _one_way(evidence, wanted, names is not None, tell)
    if back := evidence.back:
        for record in _one_way(back, wanted, False, tell):
            yield record | {"metric": f"back.{record['metric']}"}


def _one_way(evidence: Evidence, wanted: Sequence[str], named: bool, tell: Doing) -> Iterator[Record]:
    real, others = RealEvidence(evidence), _costless(evidence, tell)
    evidence.doing = real.doing = tell
    for name in wanted:
        tell(f"judging: {name}")
        try:
            parts = _asked(name, evidence)
            found, notes = _noted(name, parts)
        except Unfit as error:
            if named:
                raise Unfit(str(error) if str(error).startswith(name) else f"{name}: {error}") from None
            continue
        floor, told = _floor(name, real), _told_of(name, evidence, parts, notes)
        cheap = {one: _floor(name, other) for one, other in others.items()} if _cheap(parts) else {}
        for score, estimate in found.items():
            beside = {one: scores[score] for one, scores in cheap.items() if score in scores}
            ends = {"low": estimate.low, "high": estimate.high, "floor": floor.get(score)}
            known = {"costless": beside} if beside else {}
            yield {"metric": score, "value": float(estimate), **ends, **known, **told}


def _told_of(name: str, evidence: Evidence, parts: Mapping[str, Any], notes: Sequence[str]) -> Record:
    """What a score says beside its value."""
    return {
        "metric_version": version_of(name),
        "counts": _counts(parts, evidence),
        "reference": evidence.reference.source.digest,
        **(_of_features(evidence.reference.extractor) if _FEATURES & parts.keys() else {}),
        **evidence.told,
        "code": __version__,
        **({"note": "; ".join(notes)} if notes else {}),
    }


def _costless(evidence: Evidence, tell: Doing) -> dict[str, Evidence]:
    """What costs nothing in the place of a model's answers, by name."""
    found = {}
    for name, make in costless(evidence.reference.source, evidence.questions):
        tell(f"judging: what costs nothing: {name}")
        labels = evidence.questions.labels
        found[name] = Evidence(evidence.reference, Labelled(make(), None, labels), evidence.questions)
    return found


def _cheap(parts: Mapping[str, Any]) -> bool:
    """Whether a metric looks at answers, or at the features of both sides, alone."""
    return parts.keys() <= {"real", "fake", "fake_images", "truth", "answer", "given", "asked", "read"}


_FEATURES = {"real", "fake", "training", "suspects", "held_out", "fake_probabilities"}


def _of_features(extractor: Extractor) -> dict[str, str]:
    return {
        "features": extractor.name,
        "features_digest": extractor.digest,
        "preprocessing": extractor.preprocessing,
    }


def _counts(parts: Mapping[str, Any], evidence: Evidence) -> dict[str, int]:
    """How many samples each part was of; `learned` counts those that were learned from."""
    counts = {part: len(one) for part, one in parts.items() if isinstance(one, np.ndarray)}
    return counts | ({"learned": len(evidence.to_learn.x)} if "learned" in counts else {})


def score_of(name: str, evidence: Evidence) -> Estimate:
    """The score of a metric that has but one, without its record."""
    return _noted(name, _asked(name, evidence))[0][name]


def wants_truth(name: str) -> bool:
    """Whether a metric puts answers beside what would be right, without which there is no such score."""
    return "truth" in metrics.shelf.entry(name).parts


def evidence_of(model: Model, source: Source, *, most: int, seed: int = 0) -> ModelEvidence:
    """A model before its own data, `most` samples of it at most, in the features that suit it."""
    return ModelEvidence(Reference(source, suitable(source), most=most), model, seed=seed)


def suitable(source: Source) -> Extractor:
    """The features that suit a reference: a classifier's for labelled images, else the values themselves."""
    extractor: Extractor = features.build("classifier" if _by_class(source) else "values", source.labelled or source)
    return extractor


def _by_class(source: Source) -> bool:
    return form_of(source.spec).judged == "classifier" and source.labelled is not None


def unfitted(source: Source) -> bool:
    """Whether `suitable` features want a classifier that has yet to be fitted, which takes its time."""
    return _by_class(source) and fitted_before(source.labelled or source) is None


def fit_classifier(source: Source, tell: Doing) -> None:
    """Fit the classifier that `suitable` features want, unless it is there, telling how far that is."""
    if not unfitted(source):
        return
    fitted(source.labelled or source, telling(tell, "fitting the classifier that judges (once for this data)"))


@cache
def version_of(name: str) -> str:
    """Eight hexadecimal digits that change when the code of a metric, or what it imports from here, does.

    Comments and docstrings apart.
    """
    digest = hashlib.sha256()
    for module in sorted(_with_imports(Path(metrics.shelf.function(name).__code__.co_filename), set())):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
                node.body = node.body[1:]
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:8]


def _with_imports(module: Path, known: set[Path]) -> set[Path]:
    """A module's file and those of saddlepoint that it imports, errors apart."""
    known.add(module)
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("saddlepoint."):
            file = Path(metrics.__file__).parent.parent.joinpath(*node.module.split(".")[1:]).with_suffix(".py")
            if file.exists() and file not in known and file.stem != "errors":
                _with_imports(file, known)
    return known


def _asked(name: str, evidence: Evidence) -> dict[str, Any]:
    """What a metric's parameters ask of the evidence, by their names."""
    parts = metrics.shelf.entry(name).parts
    for part in parts:
        if part not in _given():
            raise BadOption(f"metric {name}: {unknown('parameter', part, _given())}")
    return {part: getattr(evidence, part) for part in parts}


def _scores(name: str, parts: Mapping[str, Any]) -> dict[str, Estimate]:
    """A metric's scores; one of several is called METRIC.FIELD."""
    found = metrics.build(name, *parts.values())
    if isinstance(found, tuple):
        return {f"{name}.{field}": Estimate.of(one) for field, one in found._asdict().items()}  # type: ignore[attr-defined]
    return {name: Estimate.of(found)}


def _noted(name: str, parts: Mapping[str, Any]) -> tuple[dict[str, Estimate], list[str]]:
    """A metric's scores, and what it says about too few samples."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FewSamples)
        found = _scores(name, parts)
    notes = [str(one.message) for one in caught if issubclass(one.category, FewSamples)]
    for one in caught:
        if not issubclass(one.category, FewSamples):
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return found, notes


def _floor(name: str, real: Evidence) -> dict[str, float]:
    if len(real.samples.x) < 2:
        return {}
    try:
        return {score: float(one) for score, one in _noted(name, _asked(name, real))[0].items()}
    except Unfit:
        return {}


@cache
def _given() -> list[str]:
    made = {name for name, one in vars(Evidence).items() if isinstance(one, property | cached_property)}
    return sorted(name for name in made - {"told", "to_learn", "back"} if name[0] != "_")
