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

from saddlepoint.configuration import recipes
from saddlepoint.configuration.tables import (
    Table,
    completed,
    differences,
    foreign_names,
    refuse_recipe,
    told,
    wants_model,
)
from saddlepoint.errors import BadOption, BadRun
from saddlepoint.judging.compare import compared
from saddlepoint.judging.words import of_one_step
from saddlepoint.limits import at_least
from saddlepoint.saved.folder import RunFolder

Say = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """One run: `recipe` on `data` with `seed` and further options, in the folder `out`."""

    data: str
    recipe: str
    seed: int
    options: tuple[str, ...]
    out: Path
    trust: bool = False

    def command(self) -> list[str]:
        """The arguments of `saddle` that run it, or go on with it where it was stopped; none when it is complete.

        Raises `BadRun` for a folder that holds a run that was told anything else, of its data too.
        """
        folder = RunFolder(self.out)
        if not folder.is_run():
            said = ["--recipe", self.recipe, "--seed", str(self.seed), *self.options, "--out", str(self.out)]
            return ["train", self.data, *said, *(["--trust"] if self.trust else [])]
        config = folder.config()
        if others := differences(self._of(config, config), self._of(config, self._wanted())):
            raise BadRun(f"{self.out} holds another run: {'; '.join(others)}; take another folder")
        # What it names by import path was named on this command line, or is trusted.
        trusted = self.trust or bool(foreign_names(config))
        return [] if folder.is_complete() else ["resume", str(self.out), *(["--trust"] if trusted else [])]

    def _wanted(self) -> Table:
        """The whole configuration that the run would have."""
        from saddlepoint.configuration.building import data_table

        pairs = [(path.removeprefix("--"), value) for path, value in self._pairs]
        said = told([("run.seed", self.seed), *pairs])
        return completed(said | {"data": data_table(self.data, said.get("data", {}))}, [], self.recipe)

    def _of(self, found: Mapping[str, Any], config: Mapping[str, Any]) -> Table:
        """What of a configuration was told: not what a run finds out for itself."""
        said = {path for path, _ in self._pairs}
        # What is fitted at once has one step.
        own = [*recipes.OF_A_MACHINE, *(["steps"] if found["run"]["steps"] == 1 else [])]
        run = {key: value for key, value in config["run"].items() if key not in own or f"--run.{key}" in said}
        # Of a part that is a run, which: what is in it was found there.
        model = config.get("model")
        return {**config, "run": run} | ({"model": str(Path(model["run"]).resolve())} if model else {})

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        return list(zip(self.options[::2], self.options[1::2], strict=True))


def cases(
    folder: str, data: str, names: Sequence[str], seeds: int, options: Sequence[str] = (), *, trust: bool = False
) -> list[Case]:
    """Every recipe of `names`, all those for the data if there are none, with the seeds 0 to `seeds` - 1.

    Raises `UnknownName` for a misspelt recipe and `BadOption` where there are none for the data.
    """
    at_least(1, "bench", seeds=seeds)
    for option in options[::2]:
        if option in ("--run.seed", "--seed", "--out", "--recipe", "--from"):
            raise BadOption(f"{option}: bench says that to each run itself; leave it out")
    names = names or [name for name in recipes.names() if name.partition("-")[0] == data and not wants_model(name)]
    if not names:
        raise BadOption(f"no recipe is for {data} by name; say which ones: --recipes image,image-wgan")
    for name in names:
        refuse_recipe(name, trust)
    own = [recipes.called(name) for name in names]
    if twice := next((name for name in own if own.count(name) > 1), None):
        raise BadOption(f"--recipes: two are called {twice}; give one of the files another name")
    return [
        Case(data, name, seed, tuple(options), Path(folder) / recipes.called(name) / str(seed), trust)
        for seed, name in product(range(seeds), names)
    ]


def commands(wanted: Sequence[Case]) -> Iterator[str]:
    """The commands of what is still to be run, one a line, independent of each other: an array for a scheduler."""
    for case in wanted:
        if told := case.command():
            yield shlex.join(["saddle", *told])


def run(wanted: Sequence[Case], jobs: int, say: Say) -> list[str]:
    """Run what is not complete, `jobs` at a time on equal shares of the cores; a sentence for each that failed."""
    from joblib import Parallel, cpu_count, delayed

    at_least(1, "bench", jobs=jobs)
    threads = max(cpu_count() // jobs, 1)
    # Threads, since each only waits for a process of its own.
    failed = Parallel(n_jobs=jobs, backend="threading")(delayed(_run)(case, threads, say) for case in wanted)
    return [sentence for sentence in failed if sentence]


def _run(case: Case, threads: int, say: Say) -> str | None:
    told = case.command()
    if not told:
        return None
    say(f"{case.recipe}, seed {case.seed}: {told[0]}")
    own_threads = [] if told[0] == "resume" or "--run.threads" in told else ["--run.threads", str(threads)]
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
    """A metric over the seeds of a recipe; `missing` counts those without a finite value."""

    middle: float
    least: float
    most: float
    seeds: int
    missing: int


class Results:
    """The scores of all complete runs in a folder, by recipe and seed; raises `BadRun` when there are none."""

    def __init__(self, folder: str) -> None:
        scores = _scores(folder)
        comparison = compared({f"{recipe}/{seed}": records for (recipe, seed), records in scores.items()})
        self.recipes = tuple(dict.fromkeys(recipe for recipe, _ in scores))
        self.floors = {row.metric: row.floor for row in comparison.rows}
        self.refused = comparison.refused
        self._values: dict[tuple[str, str], dict[int, float | None]] = {}
        for row in comparison.rows:
            for (recipe, seed), record in zip(scores, row.records, strict=True):
                if record:
                    self._values.setdefault((recipe, row.metric), {})[seed] = record["value"]

    def summary(self, recipe: str, metric: str) -> Summary | None:
        """A recipe's median and range; None where it has no such score."""
        each = self._values.get((recipe, metric), {})
        values = [value for value in each.values() if value is not None]
        if not values:
            return None
        return Summary(median(values), min(values), max(values), len(each), len(each) - len(values))

    def paired(self, metric: str, a: str, b: str) -> Paired:
        """Two recipes compared over the seeds that both have; raises `BadRun` when there are none."""
        one, two = (self._values.get((recipe, metric), {}) for recipe in (a, b))
        gaps = [y - x for seed, x in one.items() if x is not None and (y := two.get(seed)) is not None]
        if not gaps:
            raise BadRun(f"no seed has {metric} for both {a} and {b}; there are: {', '.join(self.floors) or 'none'}")
        return Paired(median(gaps), sum(gap > 0 for gap in gaps), len(gaps), _sign_flips(gaps))


class Paired(NamedTuple):
    """`b` against `a`, seed by seed: the median difference b - a, how often b was above, of how many, and p.

    `p` is the exact two-sided probability, under random signs, of a mean difference as large (Fisher 1935); of more
    than 20 seeds it takes the first 20.
    """

    difference: float
    above: int
    seeds: int
    p: float


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
        if name.isdecimal() and (records := of_one_step(RunFolder(config.parent).lines("scores"))):
            found[config.parent.parent.name, int(name)] = list(records)
    if not found:
        raise BadRun(f"{folder} holds no complete runs; `saddle bench {folder} --data DATA` makes some")
    return dict(sorted(found.items()))
