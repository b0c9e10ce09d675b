"""Many runs, recipes x seeds on one source, each a process and a folder of its own: folder/RECIPE/SEED.

The run folders are all the state there is: what is complete is not run again, what was stopped goes on where it was.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from saddlepoint.errors import BadOption, BadRun
from saddlepoint.limits import at_least
from saddlepoint.runs import recipes
from saddlepoint.runs.compare import compared
from saddlepoint.runs.folder import RunFolder

Say = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """One run: `recipe` on `data` with `seed` and further options, in the folder `out`."""

    data: str
    recipe: str
    seed: int
    options: tuple[str, ...]
    out: Path

    def command(self) -> list[str]:
        """The arguments of `saddle` that run it, or go on with it where it was stopped; none when it is complete."""
        if not (self.out / "config.toml").exists():
            told = ["--recipe", self.recipe, "--seed", str(self.seed), *self.options, "--out", str(self.out)]
            return ["train", self.data, *told]
        return [] if RunFolder(self.out).lines("scores") else ["resume", str(self.out)]


def cases(folder: str, data: str, names: Sequence[str], seeds: int, options: Sequence[str] = ()) -> list[Case]:
    """Every recipe of `names`, all those for the data if there are none, with the seeds 0 to `seeds` - 1.

    Raises `UnknownName` for a misspelt recipe and `BadOption` where there are none for the data.
    """
    at_least(1, "bench", seeds=seeds)
    names = names or [name for name in recipes.names() if name.partition("-")[0] == data]
    if not names:
        raise BadOption(f"no recipe is for {data} by name; say which ones: --recipes image,image-wgan")
    for name in names:
        recipes.tables(name)
    return [
        Case(data, name, seed, tuple(options), Path(folder) / name / str(seed))
        for seed, name in product(range(seeds), names)
    ]


def commands(wanted: Sequence[Case]) -> Iterator[str]:
    """The commands of what is still to be run, one a line, independent of each other: an array for a scheduler."""
    for case in wanted:
        if told := case.command():
            yield shlex.join(["saddle", *told])


def run(wanted: Sequence[Case], jobs: int, say: Say) -> list[str]:
    """Run what is not complete, `jobs` at a time on equal shares of the cores; a sentence for each that failed."""
    from joblib import Parallel, delayed

    at_least(1, "bench", jobs=jobs)
    threads = max((os.cpu_count() or 1) // jobs, 1)
    # Threads, since each only waits for a process of its own.
    failed = Parallel(n_jobs=jobs, backend="threading")(delayed(_run)(case, threads, say) for case in wanted)
    return [sentence for sentence in failed if sentence]


def _run(case: Case, threads: int, say: Say) -> str | None:
    told = case.command()
    if not told:
        return None
    say(f"{case.recipe}, seed {case.seed}: {told[0]}")
    own_threads = ["--run.threads", str(threads)] if told[0] == "train" else []
    done = subprocess.run(
        [sys.executable, "-m", "saddlepoint", *told, *own_threads],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
    )
    said = done.stderr.strip().splitlines() or ["it said nothing"]
    return f"{case.recipe}, seed {case.seed}: status {done.returncode}: {said[-1]}" if done.returncode else None


class Summary(NamedTuple):
    """A metric over the seeds of a recipe."""

    middle: float
    least: float
    most: float
    seeds: int


class Results(NamedTuple):
    """What a folder of runs holds: recipe -> metric -> summary, and why some metrics cannot be set side by side."""

    recipes: dict[str, dict[str, Summary]]
    floors: dict[str, float | None]
    refused: list[str]


def results(folder: str) -> Results:
    """The scores of all complete runs in a folder; raises `BadRun` when there are none."""
    scores = _scores(folder)
    comparison = compared({f"{recipe}/{seed}": records for (recipe, seed), records in scores.items()})
    found: dict[str, dict[str, Summary]] = {recipe: {} for recipe, _ in scores}
    for row in comparison.rows:
        values: dict[str, list[float]] = {}
        for (recipe, _), record in zip(scores, row.records, strict=True):
            if record and record["value"] is not None:
                values.setdefault(recipe, []).append(record["value"])
        for recipe, each in values.items():
            found[recipe][row.metric] = Summary(median(each), min(each), max(each), len(each))
    return Results(found, {row.metric: row.floor for row in comparison.rows}, comparison.refused)


class Paired(NamedTuple):
    """`b` against `a`, seed by seed: the median difference b - a, how often b was above, of how many, and p.

    `p` is the exact two-sided probability, under random signs, of a mean difference as large (Fisher 1935).
    """

    difference: float
    above: int
    seeds: int
    p: float


def paired(folder: str, metric: str, a: str, b: str) -> Paired:
    """Two recipes compared over the seeds that both have; raises `BadRun` when there are none."""
    values: dict[str, dict[int, float]] = {a: {}, b: {}}
    for (recipe, seed), records in _scores(folder).items():
        for record in records:
            if recipe in values and record["metric"] == metric and record["value"] is not None:
                values[recipe][seed] = record["value"]
    seeds = sorted(values[a].keys() & values[b].keys())
    if not seeds:
        raise BadRun(f"{folder}: no seed has {metric} for both {a} and {b}")
    gaps = [values[b][seed] - values[a][seed] for seed in seeds]
    return Paired(median(gaps), sum(gap > 0 for gap in gaps), len(gaps), _sign_flips(gaps))


def _sign_flips(gaps: Sequence[float]) -> float:
    """The share of all sign patterns, 2^20 at most, under which the gaps' sum is at least as far from 0.

    >>> _sign_flips([1.0, 2.0, 3.0])
    0.25
    """
    import numpy as np

    gaps = gaps[:20]
    sums = np.zeros(1)
    for gap in gaps:
        sums = np.concatenate([sums + gap, sums - gap])
    return float((np.abs(sums) >= abs(sum(gaps)) * (1 - 1e-12)).mean())


def _scores(folder: str) -> dict[tuple[str, int], list[Mapping[str, Any]]]:
    found: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for config in sorted(Path(folder).glob("*/*/config.toml")):
        name = config.parent.name
        if name.isdecimal() and (records := RunFolder(config.parent).lines("scores")):
            found[config.parent.parent.name, int(name)] = list(records)
    if not found:
        raise BadRun(f"{folder} holds no complete runs; `saddle bench {folder} --data DATA` makes some")
    return dict(sorted(found.items()))
