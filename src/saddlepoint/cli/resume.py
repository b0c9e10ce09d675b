"""`saddle resume`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from saddlepoint.cli.whole import Whole


def resume(
    run: str,
    /,
    *more: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    steps: Whole | None = None,
    data: str | None = None,
    trust: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Go on with a run that was stopped, bit for bit as if it had not been, or train a finished one longer.

    An option is changed on purpose by saying it, as --TABLE.OPTION VALUE; the change is recorded in the run. Learning
    rates and whatever else follows the length of a run go on as those of a run of so many --steps.

    Parameters
    ----------
    run
        The run's folder.
    steps
        Steps of the whole run, those that are done among them; for training longer.
    data
        Where the run's data lies now, if it has moved; its content must be the same.
    trust
        Import and run the code that the run names by import path.
    """
    from saddlepoint.cli.train import pairs
    from saddlepoint.configuration.tables import told
    from saddlepoint.errors import BadRun
    from saddlepoint.saved.folder import RunFolder

    table = RunFolder(run).config()["data"]
    said = [("run.steps", steps), *pairs(more)] if steps is not None else pairs(more)
    change: dict[str, Any] = told(said)
    if data is not None:
        if "path" not in table:
            raise BadRun(f"--data: the run's data is {table['name']!r}, which lies nowhere that it could move from")
        change.setdefault("data", {})["path"] = str(Path(data).expanduser().resolve())

    from saddlepoint.cli.playing import go_on

    return go_on(run, change, trust)
