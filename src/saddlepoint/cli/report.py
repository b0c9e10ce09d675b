"""`saddle report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from saddlepoint.errors import shown


def report(run: str, /, *others: str, out: Annotated[str | None, Parameter(name=["-o", "--out"])] = None) -> int:
    """Make one HTML page of a run, or of several side by side; it needs nothing from outside.

    Parameters
    ----------
    run
        The run's folder.
    others
        More of them.
    out
        The page's file; report.html in the run's folder for one run, in this folder for several, if not said.
    """
    from saddlepoint.runs.reporting import write_report

    file = Path(out or ("report.html" if others else Path(run) / "report.html"))
    write_report([run, *others], file)
    print(shown(str(file)))
    return 0
