"""`saddle resume`."""

from __future__ import annotations


def resume(run: str) -> int:
    """Go on with a run that was stopped, bit for bit as if it had not been.

    Parameters
    ----------
    run
        The run's folder.
    """
    from saddlepoint.runs.folder import RunFolder

    RunFolder(run).config()

    from saddlepoint.cli.playing import go_on

    return go_on(run)
