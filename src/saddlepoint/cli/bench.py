"""`saddle bench`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from saddlepoint.cli.whole import Whole
from saddlepoint.errors import shown

if TYPE_CHECKING:
    from saddlepoint.runs.bench import Results, Summary


def bench(
    folder: str,
    /,
    *more: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    data: str | None = None,
    recipes: str | None = None,
    seeds: Whole = 5,
    jobs: Whole = 1,
    commands: Annotated[bool, Parameter(negative=())] = False,
    metric: str | None = None,
    trust: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Compare recipes over seeds: train what is missing in FOLDER, then tell medians and ranges.

    What is complete is not run again, and what was stopped goes on, so the same command finishes a table. Without
    --data it only tells what there is. --TABLE.OPTION VALUE is said to every run, as with `saddle train`.

    Parameters
    ----------
    folder
        Where the runs lie: FOLDER/RECIPE/SEED.
    data
        What to train on, as `saddle train` takes it.
    recipes
        Names or files by commas, such as ring,mine.toml,runs/ring-1/config.toml; all for the data if not said.
    seeds
        How many: 0, 1, 2 ...
    jobs
        How many at a time, on equal shares of the cores.
    commands
        Print the commands that are still to be run, one a line, for a scheduler, and run none.
    metric
        Compare each recipe with the first one named in this, seed by seed.
    trust
        Import and run the code that a recipe's file names by import path.
    """
    from saddlepoint.cli.train import pairs
    from saddlepoint.configuration.recipes import called
    from saddlepoint.runs import bench as benches

    named = [name.strip() for name in recipes.split(",")] if recipes else []
    options = [token for path, value in pairs(more) for token in (f"--{path}", value)]
    failed: list[str] = []
    if data is not None:
        wanted = benches.cases(folder, data, named, seeds, options, trust=trust)
        if commands:
            print("\n".join(benches.commands(wanted)))
            return 0
        failed = benches.run(wanted, jobs, lambda line: print(line, flush=True))
    for sentence in failed:
        print(shown(f"saddle: {sentence}"), file=sys.stderr)
    found = benches.Results(folder)
    _table(found)
    if metric:
        _pairs(found, metric, called(named[0]) if named else found.recipes[0])
    for sentence in found.refused:
        print(shown(f"saddle: {sentence}"), file=sys.stderr)
    return 2 if failed or found.refused else 0


def _table(found: Results) -> None:
    from saddlepoint.judging.words import short

    print(shown(f"| median [least, most] | {' | '.join(found.recipes)} | real data |"))
    print(f"| --- |{' --- |' * (len(found.recipes) + 1)}")
    for metric, floor in found.floors.items():
        cells = [_cell(found.summary(recipe, metric)) for recipe in found.recipes]
        print(shown(f"| {metric} | {' | '.join(cells)} | {'' if floor is None else short(floor)} |"))


def _cell(summary: Summary | None) -> str:
    from saddlepoint.judging.words import short

    if summary is None:
        return ""
    missing = f", none in {summary.missing}" if summary.missing else ""
    numbers = f"{short(summary.middle)} [{short(summary.least)}, {short(summary.most)}]"
    return f"{numbers} of {summary.seeds}{missing}"


def _pairs(found: Results, metric: str, first: str) -> None:
    from saddlepoint.judging.words import short

    print(f"\n{metric} against {first}, seed by seed:")
    for recipe in found.recipes:
        if recipe != first:
            pair = found.paired(metric, first, recipe)
            print(f"{recipe:<24} {short(pair.difference)} (above in {pair.above} of {pair.seeds}, p = {pair.p:.3f})")
