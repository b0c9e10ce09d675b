"""`saddle train`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import Parameter

from saddlepoint.cli.whole import Whole
from saddlepoint.errors import BadOption


def train(
    data: str,
    /,
    *more: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    out: str | None = None,
    recipe: str | None = None,
    minutes: float | None = None,
    steps: Whole | None = None,
    batch: Whole | None = None,
    seed: Whole | None = None,
    device: str | None = None,
    log: str | None = None,
    objective: str | None = None,
    regularizer: str | None = None,
    network: str | None = None,
    game: str | None = None,
    prior: str | None = None,
    optimizer: str | None = None,
    task: str | None = None,
    model: str | None = None,
    origin: Annotated[str | None, Parameter(name="--from")] = None,
    trust: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Train a model on DATA and judge it.

    DATA is a folder or zip of images or of pairs of them, idx files, a .npy or .npz, a .csv, or a name from `saddle
    list data`; --data NAME says who reads a path.
    Any line of the run's config.toml can be said as --TABLE.OPTION VALUE, for example
    --objective.weight 0.1, --network.width 128, --regularizer.r1.weight "1 every 8", --data.size 64,
    --optimizer.discriminator.lr 4e-4, --run.save_every 500. `saddle list TABLE NAME` shows the options.

    Parameters
    ----------
    data
        What to learn from.
    out
        The run's folder; runs/DATA-NUMBER if not said.
    recipe
        A preset (`saddle list recipes`); chosen by the data and the objective if not said.
    minutes
        How long it may take, reading and judging and all: steps, and of images width and batch, are chosen for this
        machine and written down. What is said is not chosen.
    steps
        Steps of the whole run.
    batch
        Samples a step, all processes together.
    seed
        Of everything random in the run.
    device
        cpu, cuda or auto.
    log
        tensorboard writes event files, RUN/tensorboard, beside the run's own lines.
    objective
        What the two sides of the duel minimise.
    regularizer
        Added to the objective; several by commas.
    network
        Architecture of the networks.
    game
        Which players there are.
    prior
        What latents are drawn from.
    optimizer
        What moves the parameters.
    task
        What is left of DATA's pictures, from which they are to be made (`saddle list tasks`).
    model
        A trained run's folder, whose model is a part of a --game that wants one, frozen.
    origin
        Another run's folder, to start from its weights; what is not said otherwise is as it was there.
    trust
        Import and run the code that --from, --model or a --recipe in a file names by import path.
    """
    from saddlepoint.configuration.tables import told

    flags = {"steps": steps, "batch": batch, "seed": seed, "device": device, "log": log}
    parts = {
        "objective": objective,
        "regularizer": regularizer,
        "network": network,
        "game": game,
        "prior": prior,
        "optimizer": optimizer,
        "task": task,
        "model": model,
    }
    short = [(path, value) for path, value in {**flags, **parts}.items() if value is not None]
    said = told([*short, *pairs(more)])
    _check_minutes(minutes, said)
    _check_data(data, recipe, trust)

    from saddlepoint.cli.playing import begin

    return begin(data, said, recipe, out, origin=origin, minutes=minutes, trust=trust)


def pairs(tokens: tuple[str, ...]) -> list[tuple[str, str]]:
    """`--a.b value` and `--a.b=value` as pairs."""
    pairs = []
    rest = iter(tokens)
    for token in rest:
        if not token.startswith("--"):
            raise BadOption(f"wanted --TABLE.OPTION VALUE, got {token!r}")
        path, equals, value = token.removeprefix("--").partition("=")
        if not equals:
            value = next(rest, "--")
            if value.startswith("--"):
                raise BadOption(f"--{path} wants a value")
        pairs.append((path, value))
    return pairs


def _check_minutes(minutes: float | None, said: Mapping[str, Any]) -> None:
    if minutes is None:
        return
    if not 0 < minutes < _LONGEST:
        raise BadOption(f"--minutes: wanted a number above 0 and below {_LONGEST:,}, got {minutes:g}")
    if "steps" in said.get("run", {}):
        raise BadOption("--minutes and --steps both say how long; leave one of them out")


# Ten years.
_LONGEST = 5_256_000


def _check_data(data: str, recipe: str | None, trust: bool) -> None:
    """Refuse what is misspelt before anything heavy is imported."""
    from saddlepoint.configuration.tables import refuse_recipe
    from saddlepoint.data._open import checked
    from saddlepoint.saved.folder import RunFolder

    if recipe is not None:
        refuse_recipe(recipe, trust)
    if RunFolder(data).is_run():
        raise BadOption(
            f"{data} is a run's folder and no data: go on with `saddle resume {data}`, train longer with "
            f"`saddle resume {data} --steps N`, start anew from its weights with `saddle train DATA --from {data}`"
        )
    checked(data)
