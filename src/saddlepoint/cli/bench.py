"""`saddle bench`."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter


def bench(
    folder: str,
    /,
    *more: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    data: str | None = None,
    recipes: str | None = None,
    seeds: int = 5,
    jobs: int = 1,
    commands: Annotated[bool, Parameter(negative=())] = False,
    metric: str | None = None,
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
        Names by commas; all for the data if not said.
    seeds
        How many: 0, 1, 2 ...
    jobs
        How many at a time, on equal shares of the cores.
    commands
        Print the commands that are still to be run, one a line, for a scheduler, and run none.
    metric
        Compare each recipe with the first one in this, seed by seed.
    """
    from saddlepoint.cli.train import pairs
    from saddlepoint.runs import bench as benches

    options = [token for path, value in pairs(more) for token in (f"--{path}", value)]
    failed: list[str] = []
    if data is not None:
        wanted = benches.cases(folder, data, recipes.split(",") if recipes else [], seeds, options)
        if commands:
            print("\n".join(benches.commands(wanted)))
            return 0
        failed = benches.run(wanted, jobs, lambda line: print(line, flush=True))
    _table(folder)
    if metric:
        _pairs(folder, metric)
    for sentence in failed:
        print(f"saddle: {sentence}", file=sys.stderr)
    return 2 if failed else 0


def _table(folder: str) -> None:
    from saddlepoint.runs.bench import results
    from saddlepoint.runs.scores import short

    found = results(folder)
    print(f"| median [least, most] | {' | '.join(found.recipes)} | real data |")
    print(f"| --- |{' --- |' * (len(found.recipes) + 1)}")
    for metric, floor in found.floors.items():
        summaries = [scores.get(metric) for scores in found.recipes.values()]
        cells = [f"{short(s.middle)} [{short(s.least)}, {short(s.most)}]" if s else "" for s in summaries]
        print(f"| {metric} | {' | '.join(cells)} | {'' if floor is None else short(floor)} |")
    seeds = [str(max((s.seeds for s in scores.values()), default=0)) for scores in found.recipes.values()]
    print(f"| seeds | {' | '.join(seeds)} | |")
    for sentence in found.refused:
        print(f"saddle: {sentence}", file=sys.stderr)


def _pairs(folder: str, metric: str) -> None:
    from saddlepoint.runs.bench import paired, results
    from saddlepoint.runs.scores import short

    first, *rest = results(folder).recipes
    print(f"\n{metric} against {first}, seed by seed:")
    for recipe in rest:
        pair = paired(folder, metric, first, recipe)
        print(f"{recipe:<24} {short(pair.difference)} (above in {pair.above} of {pair.seeds}, p = {pair.p:.3f})")
