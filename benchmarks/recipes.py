"""Does each recipe do what it says? Recipe x seeds, each a `saddle train` of its own, several at a time.

python benchmarks/recipes.py ring grid digits                    every recipe for these data, five seeds, one core each
python benchmarks/recipes.py ring --only vae flow                these recipes alone
python benchmarks/recipes.py image --on FOLDER --seeds 1 --workers 1 --threads 2
python benchmarks/recipes.py --write                             results into the recipes and docs/results.md

Results are kept as they come. What is there already, under the settings that the recipe has now, is not run again, so
an interrupted table goes on, and a recipe that was changed, or whose base was, is measured anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from statistics import median
from typing import NamedTuple

from record import keep, kept
from trained import Row, trained

from saddlepoint.configuration import recipes
from saddlepoint.configuration.tables import wants_model

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "docs" / "results.md"


class Case(NamedTuple):
    """A recipe and a seed."""

    recipe: str
    seed: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", help="the kinds of data whose recipes are run")
    parser.add_argument("--on", help="what to train on, where the kind is not itself the name of data")
    parser.add_argument("--only", nargs="*", default=(), help="names behind the data's, such as wgan or vae")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="also what is there already, since a game has changed")
    parser.add_argument("--write", action="store_true")
    told = parser.parse_args()
    names = [name for data in told.data for name in recipes_for(data) if not told.only or wanted(name, told.only)]
    cases = [Case(*case) for case in product(names, range(told.seeds)) if told.again or not rows_of(*case)]
    with ThreadPoolExecutor(told.workers) as pool:
        list(pool.map(lambda case: run(case, told.on, told.threads), cases))
    for name in names:
        print(f"{name}: {said(name)}")
    if told.write:
        write()


def recipes_for(data: str) -> list[str]:
    """The recipes for one kind of data."""
    named = [name for name in recipes.names() if name == data or name.startswith(f"{data}-")]
    return [name for name in named if not wants_model(name)]


def wanted(name: str, only: Sequence[str]) -> bool:
    """Whether a recipe is one of those named, by its second half or by what it trains."""
    tables = recipes.tables(name)
    trained = {tables.get(part, {}).get("name") for part in ("game", "objective")} if "-" not in name else set()
    return name.partition("-")[2] in only or bool(trained & set(only))


def settings(recipe: str) -> str:
    """A short hash of everything a recipe says."""
    return hashlib.sha256(json.dumps(recipes.tables(recipe), sort_keys=True).encode()).hexdigest()[:12]


def rows_of(recipe: str, seed: int | None = None) -> list[Row]:
    """The results of a recipe as it is now, one a seed; the last one counts."""
    rows = [row for row in kept("recipes") if (row["recipe"], row["settings"]) == (recipe, settings(recipe))]
    latest = {row["seed"]: row for row in rows if seed in (None, row["seed"])}
    return [latest[one] for one in sorted(latest)]


def run(case: Case, on: str | None, threads: int) -> None:
    """One run, timed with its start and its judgement."""
    data = case.recipe.partition("-")[0]
    row = trained(on or data, "--recipe", case.recipe, "--seed", case.seed, threads=threads)
    told = {"recipe": case.recipe, "settings": settings(case.recipe), "data": Path(on).name if on else data}
    keep("recipes", **told, seed=case.seed, **row)


def said(recipe: str) -> str:
    """What a recipe reached, in a sentence: medians, and in brackets the least and the greatest over seeds."""
    rows = rows_of(recipe)
    if not rows:
        return "not measured"
    parts = []
    if "modes.covered" in rows[0]:
        covered = [int(row["modes.covered"]) for row in rows]
        of = 25 if rows[0]["data"] == "grid" else 8
        least = f"{min(covered)} to " if min(covered) < max(covered) else ""
        parts.append(f"{least}{max(covered)} of {of} modes")
    parts += [f"{words} {spread(rows, name)}" for name, words in WORDS.items() if name in rows[0]]
    seeds = f"{len(rows)} seeds" if len(rows) > 1 else "one seed"
    where = f"on {rows[0]['data']}: " if rows[0]["data"] != recipe.partition("-")[0] else ""
    return f"{where}{', '.join(parts)}; {seeds}, {seconds(rows)} ({max(row['date'] for row in rows)})"


COUNTED = ("modes.covered", "modes.fair")
WORDS = {
    "modes.quality": "high-quality share",
    "modes.width": "width",
    "modes.offset": "offset",
    "class_accuracy": "read as the class asked for",
    "train_on_synthetic": "classifier trained on samples alone",
    "code_agreement": "code agrees with groups",
    "bayes_accuracy": "as a classifier",
    "log_likelihood": "nats",
    "sharpness": "sharpness",
}


def spread(rows: Sequence[Row], name: str) -> str:
    """Median [least, greatest] of a score over rows, or its one value."""
    values = [row[name] for row in rows if name in row]
    if None in values:
        return "-inf"
    show = "{:.0f}" if name in COUNTED else "{:.3f}" if max(map(abs, values)) < 10 else "{:.1f}"
    middle = show.format(median(values))
    if len(set(map(show.format, values))) == 1:
        return middle
    return f"{middle} [{show.format(min(values))}, {show.format(max(values))}]"


def seconds(rows: Sequence[Row]) -> str:
    """The median time of a run: of one core's work, or on the clock for several."""
    if rows[0].get("threads", 1) > 1:
        return f"{median(row['seconds'] for row in rows):.0f} s on {rows[0]['threads']} cores"
    return f"{median(row.get('cpu_seconds', row['seconds']) for row in rows):.0f} s on one core"


COLUMNS = {
    "modes": {
        "modes.covered": "modes",
        "modes.fair": "with a fifth of their share",
        "modes.quality": "high-quality share",
        "modes.width": "width",
        "modes.offset": "offset",
        "modes.spread": "spread",
        "code_agreement": "code",
        "log_likelihood": "nats",
    },
    "classes": {
        "class_accuracy": "read as asked",
        "train_on_synthetic": "trained on samples",
        "bayes_accuracy": "as a classifier",
        "code_agreement": "code",
        "bits_per_dimension": "bits a number",
        "sharpness": "sharpness",
    },
}


def write() -> None:
    """Put each recipe's result into its file, and all of them into the table."""
    for name in recipes.names():
        if rows_of(name):
            file = ROOT / "src" / "saddlepoint" / "recipes" / f"{name}.toml"
            result = f"result = {json.dumps(said(name))}\n"
            lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
            told = [result if line.startswith("result = ") else line for line in lines]
            file.write_text("".join(told), encoding="utf-8")
    TABLE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The page of all results; its words stay as they are."""
    sections = [table(data) for data in ("ring", "grid", "digits", "image") if any(map(rows_of, recipes_for(data)))]
    head = TABLE.read_text(encoding="utf-8").partition("\n## ")[0].rstrip()
    return "\n\n".join([head, *sections]) + "\n"


def table(data: str) -> str:
    """The results of all recipes for one kind of data."""
    measured = [name for name in recipes_for(data) if rows_of(name)]
    some = rows_of(measured[0])[0]
    columns = COLUMNS["modes" if "modes.covered" in some else "classes"]
    lines = [
        f"## {some['data']}",
        "",
        f"| recipe | {' | '.join(columns.values())} | seeds | time |",
        f"| --- |{' --- |' * (len(columns) + 2)}",
    ]
    for name in measured:
        rows = rows_of(name)
        cells = [spread(rows, column) if column in rows[0] else "" for column in columns]
        lines.append(f"| `{name}` | {' | '.join(cells)} | {len(rows)} | {seconds(rows)} |")
    real = {column: some.get(f"real_{column}") for column in columns}
    cells = ["" if value is None else spread([{column: value}], column) for column, value in real.items()]
    lines.append(f"| real data | {' | '.join(cells)} | | |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
