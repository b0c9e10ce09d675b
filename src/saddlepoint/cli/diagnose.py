"""`saddle diagnose`."""

from __future__ import annotations


def diagnose(run: str | None = None, /, *, scores: str | None = None) -> int:
    """Say what went wrong in a run, and when one could have seen it: a JSON object a line.

    Each says the symptom, since which step, the numbers that show it, the likely cause and what to do.

    Parameters
    ----------
    run
        The run's folder.
    scores
        Instead, a file of scores of which lower is better, a line each: {"step": 2000, "metric": "fid", "value": 56.5}.
    """
    from saddlepoint.errors import BadOption
    from saddlepoint.saved.log import line_of
    from saddlepoint.watching.diagnosing import of_run, of_scores

    if (run is None) == (scores is None):
        raise BadOption("diagnose wants a run's folder, or --scores FILE")
    for event in of_run(run) if run is not None else of_scores(str(scores)):
        print(line_of(event), end="")
    return 0
