"""Which parts cure a game that loses modes, and what each training tip does, switched alone?

python benchmarks/collapse.py                 every part, five seeds, one core each, two at a time
python benchmarks/collapse.py --only plain r1
python benchmarks/collapse.py --write         the results so far into docs/collapse.md, without a run

The plain game is a non-saturating GAN on a ring of eight Gaussians (deviation 0.05) whose generator moves three times
for each move of the discriminator: it runs to the point that scores best, and the discriminator runs after it. What is
judged is the generator itself, not its moving average. A mode is lost when it gets less than a fifth of its share.
Results are kept as they come and are not run again.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from statistics import median

from record import keep, kept
from trained import Row, trained

Options = dict[str, str]
PLAIN: Options = {
    "recipe": "ring",
    "data.std": "0.05",
    "game.latent": "2",
    "prior": "gaussian",
    "network.octaves": "0",
    "objective": "non_saturating",
    "steps": "1000",
    "batch": "128",
    "game.generator_steps": "3",
    "run.average": "0",
    "run.anneal": "0.5",
    "optimizer.lr": "1e-3",
    "optimizer.beta1": "0.5",
}
CURES: dict[str, Options] = {
    "plain": {},
    "r1": {"regularizer": "r1", "regularizer.r1.weight": "0.1"},
    "gradient penalty around data (dragan)": {"objective": "dragan", "objective.weight": "0.1"},
    "wgan_gp": {"objective": "wgan_gp", "objective.weight": "0.1", "objective.critic_steps": "1"},
    "r3gan": {"objective": "r3gan", "objective.weight": "0.1"},
    "instance noise": {"regularizer": "instance_noise", "regularizer.instance_noise.std": "0.1"},
    "instance noise that falls": {
        "regularizer": "instance_noise",
        "regularizer.instance_noise.std": "0.3 to 0 over 800",
    },
    "packs of 2": {"game.pack": "2"},
    "packs of 4": {"game.pack": "4"},
    "unrolled, 5 steps": {"regularizer": "unrolled", "regularizer.unrolled.rate": "0.1"},
    "minibatch discrimination": {"network.minibatch": "discrimination"},
    "minibatch standard deviation": {"network.minibatch": "std"},
    "feature matching": {"regularizer": "feature_matching", "regularizer.feature_matching.weight": "1"},
    "spectral norm": {"network.spectral_norm": "true"},
}
TIPS: dict[str, Options] = {
    "minimax instead (tip 2)": {"objective": "minimax"},
    "uniform latents (tip 3)": {"prior": "uniform"},
    "latents on a sphere (tip 3)": {"prior": "sphere"},
    "batch norm in the generator (tip 4)": {"network.norm": "batch"},
    "leaky ReLU in the generator (tip 5)": {"network.hidden": "leaky_relu"},
    "soft labels (tip 6)": {"regularizer": "soft_labels"},
    "one-sided label smoothing (tip 6)": {"regularizer": "label_smoothing"},
    "flipped labels (tip 6)": {"regularizer": "flipped_labels"},
    "SGD for the discriminator (tip 9)": {
        "optimizer.discriminator.name": "sgd",
        "optimizer.discriminator.lr": "0.05",
    },
    "noise in the generator (tip 13)": {"network.hidden": "noise"},
    "3 discriminator steps (tip 14)": {"game.discriminator_steps": "3"},
    "dropout in the generator (tip 17)": {"network.hidden": "dropout"},
    "first moment 0 instead of 0.5": {"optimizer.beta1": "0"},
}
CASES = {**CURES, **TIPS}
PAGE = Path(__file__).parent.parent / "docs" / "collapse.md"
HEAD = (
    "| part | modes with a fifth of their share, by seed | median high-quality share | width | offset | seconds |",
    "| --- | --- | --- | --- | --- | --- |",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(CASES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    told = parser.parse_args()
    done = {(row["part"], row["seed"], row["options"]) for row in kept("collapse")}
    cases = product(told.only, range(told.seeds))
    missing = [(part, seed) for part, seed in cases if (part, seed, options(part)) not in done]
    if told.write:
        head = PAGE.read_text(encoding="utf-8").partition("\n| part")[0].rstrip()
        PAGE.write_text(f"{head}\n\n{table(list(CURES))}\n\n{table(list(TIPS))}\n", encoding="utf-8")
        return
    with ThreadPoolExecutor(told.workers) as pool:
        list(pool.map(lambda case: run(*case), missing))
    print(table(told.only))


def table(parts: Sequence[str]) -> str:
    """The results of these parts, a row each."""
    rows = [line(part, found) for part in parts if (found := rows_of(part))]
    return "\n".join([*HEAD, *rows])


def options(part: str) -> str:
    """What is told for a part, as on a command line."""
    told = PLAIN | CASES[part]
    return shlex.join(word for name, value in told.items() for word in (f"--{name}", value))


def run(part: str, seed: int) -> None:
    row = trained("ring", *shlex.split(options(part)), "--seed", seed)
    keep("collapse", part=part, options=options(part), seed=seed, **row)


def rows_of(part: str) -> list[Row]:
    """The results of a part under its options as they are now."""
    latest = {row["seed"]: row for row in kept("collapse") if (row["part"], row["options"]) == (part, options(part))}
    return [latest[seed] for seed in sorted(latest)]


def line(part: str, rows: list[Row]) -> str:
    """A row of the table."""
    fair = ", ".join(f"{row['modes.fair']:.0f}" for row in rows)
    names = ("modes.quality", "modes.width", "modes.offset", "cpu_seconds")
    quality, width, offset, seconds = (median(row[name] for row in rows) for name in names)
    return f"| {part} | {fair} | {quality:.3f} | {width:.2f} | {offset:.2f} | {seconds:.0f} |"


if __name__ == "__main__":
    main()
