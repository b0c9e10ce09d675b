"""Scores side by side: like with like, and why the rest is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Record = Mapping[str, Any]


class Row(NamedTuple):
    """A metric's records, one for each thing compared, in their order; None where it was not measured."""

    metric: str
    records: tuple[Record | None, ...]

    @property
    def floor(self) -> float | None:
        """What real data gets, where it is known."""
        return next((record.get("floor") for record in self.records if record), None)

    @property
    def costless(self) -> Mapping[str, float | None]:
        """What costs nothing gets, by name, where there is such."""
        return next((record["costless"] for record in self.records if record and record.get("costless")), {})


class Comparison(NamedTuple):
    """What can be compared, and a sentence for each metric that cannot."""

    rows: list[Row]
    refused: list[str]


def compared(scores: Mapping[str, Sequence[Record]]) -> Comparison:
    """The scores of several runs or sample files by metric and, where it has several, by features; the last counts."""
    latest = {name: {_key(record): record for record in records} for name, records in scores.items()}
    rows: list[Row] = []
    refused: dict[str, list[str]] = {}
    for metric in dict.fromkeys(metric for records in latest.values() for metric, _ in records):
        having = {name: {f: r for (m, f), r in found.items() if m == metric} for name, found in latest.items()}
        having = {name: found for name, found in having.items() if found}
        common = [features for features in next(iter(having.values())) if all(features in f for f in having.values())]
        # Without common features, any of each shows why they cannot be compared.
        for features in common or [""]:
            records = {name: found.get(features, next(iter(found.values()))) for name, found in having.items()}
            title = f"{metric} ({features})" if len(common) > 1 else metric
            if reasons := _unlike(records):
                refused.setdefault("; ".join(reasons), []).append(title)
            else:
                rows.append(Row(title, tuple(records.get(name) for name in latest)))
    return Comparison(rows, [f"{', '.join(found)}: not compared: {reason}" for reason, found in refused.items()])


def _key(record: Record) -> tuple[str, str]:
    return record["metric"], record.get("features", "")


def _unlike(records: Mapping[str, Record]) -> list[str]:
    """What keeps these records of one metric from being compared, and what to do about it."""
    if silent := [name for name, record in records.items() if not {"counts", "reference"} <= record.keys()]:
        return [f"{', '.join(silent)} does not say how it was measured; judge again with this version"]
    plain = {name: _flat(record) for name, record in records.items()}
    reasons = []
    for key in dict.fromkeys(key for record in plain.values() for key in record):
        said: dict[str, str] = {}
        for name, record in plain.items():
            said.setdefault(record.get(key, "none"), name)
        if len(said) > 1:
            values = ", ".join(f"{value} ({name})" for value, name in said.items())
            reasons.append(f"{key} differ: {values}; {_MEND.get(key, _COUNT)}")
    return reasons


def _flat(record: Record) -> dict[str, str]:
    """What two records of a metric must have in common, in words."""
    counts = {f"counts of {part}": f"{count:,}" for part, count in record.get("counts", {}).items()}
    return {words: str(record.get(key, "none")) for key, words in _LIKE.items()} | counts


_LIKE = {
    "metric_version": "versions of the metric",
    "features": "features",
    "features_digest": "weights of the features",
    "preprocessing": "preprocessings",
    "reference": "references",
}
_COUNT = "judge again with the same --samples"
_MEND = {
    "versions of the metric": "judge again with one version of saddlepoint",
    "features": "judge again with the same --features",
    "weights of the features": "judge again with the same --features, on one machine",
    "preprocessings": "judge again with the same --features",
    "references": "judge again with the same --against",
}
