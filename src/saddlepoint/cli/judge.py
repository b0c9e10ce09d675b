"""`saddle judge`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from saddlepoint.cli.whole import Whole, whole


def judge(
    samples: str,
    /,
    *more: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    against: str | None = None,
    metrics: str | None = None,
    features: str | None = None,
    count: Annotated[int | None, Parameter(name=["--samples", "-n"], converter=whole)] = None,
    seed: Whole | None = None,
    checkpoint: str = "best",
    out: Annotated[str | None, Parameter(name=["-o", "--out"])] = None,
    trust: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Judge a run, or samples in a folder or file, each score with its interval and beside what real data gets.

    How the real data is read can be said as --data.OPTION VALUE, as for `saddle train`.
    A run's scores are written into its folder, any to --out. `saddle compare` puts them side by side.

    Parameters
    ----------
    samples
        A run's folder, or samples as `saddle train` takes data: a folder of images, a .npy, .npz, .csv.
    against
        The real data, as `saddle train` takes it, or that of another run, by its folder; a run's own if not said. Of a
        run with a task, other data is seen through its task.
    metrics
        Names by commas (`saddle list metrics`); all that can be had if not said.
    features
        What distributions are compared in: a name (`saddle list features`), a .onnx or TorchScript file, or
        package.module:function. For labelled images a classifier's if not said, else the values.
    count
        How many real samples, and as many of the model's; half of the real ones, 2,000 at most, if not said.
        Mode counts, classes asked for and training on samples take their own, 10,000 or as many as there are real ones.
    seed
        Of the model's samples; the run's own if not said.
    checkpoint
        Of a run: best, last, or a step.
    out
        A file for the scores, a JSON object a line.
    trust
        Import and run the code that a run names by import path.
    """
    from saddlepoint.cli.train import pairs
    from saddlepoint.configuration.tables import told as tables
    from saddlepoint.errors import BadOption, shown

    said = tables(pairs(more))
    for table in said.keys() - {"data"}:
        raise BadOption(f"--{table}: judge takes options of data alone, as --data.OPTION VALUE")

    if against is None and (name := said.get("data", {}).get("name")):
        raise BadOption(
            f"--data {name} says who reads the path that --against names; to judge by other data than the run's own "
            f"say --against {name}"
        )

    from saddlepoint.cli.waiting import Waiting, beside_output
    from saddlepoint.judging.named import Told, judge_at
    from saddlepoint.judging.words import score_line

    named = tuple(name.strip() for name in metrics.split(",")) if metrics else None
    told = Told(against, named, features, count, seed, checkpoint, said.get("data", {}), trust)
    with Waiting(beside_output()) as tell:
        for record in judge_at(samples, told, out, tell):
            print(shown(score_line(record)), flush=True)
    return 0
