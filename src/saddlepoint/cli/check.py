"""`saddle check`."""

from __future__ import annotations


def check(thing: str, /, *, kind: str | None = None, path: str | None = None) -> int:
    """Hold a THING of one's own to the laws that everything of its kind keeps.

    THING is package.module:function or FILE.py:function, which is imported and run, or a name from `saddle list`. It
    is tried on small data and networks of all sorts, and each law on each of them that it takes: a line for each. What
    it does not take it must refuse by saying what it wants. The exit status is 1 where a law is broken.

    Parameters
    ----------
    thing
        What to check.
    kind
        game, network, objective, regularizer, prior, optimizer, data, task or metric; told by the function where not
        said.
    path
        For a source that reads: a file or folder that it can, of samples that all differ.
    """
    from collections import Counter

    from saddlepoint.errors import shown
    from saddlepoint.laws.checking import verdicts

    counts: Counter[str] = Counter()
    for verdict in verdicts(thing, kind, path=path):
        counts[verdict.state] += 1
        print(shown(str(verdict)), flush=True)
    print(f"{thing}: {counts['kept']} kept, {counts['broken']} broken, {counts['refused']} refused")
    return 1 if counts["broken"] else 0
