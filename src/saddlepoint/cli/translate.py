"""`saddle translate`."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from cyclopts import Parameter

from saddlepoint.cli.whole import Whole


def translate(
    run: str,
    /,
    *inputs: str,
    out: Annotated[str, Parameter(name=["-o", "--out"])],
    back: Annotated[bool, Parameter(negative=())] = False,
    fit: Literal["tiles", "resize"] = "tiles",
    seed: Whole = 0,
    checkpoint: str = "best",
    trust: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Turn pictures into others with a trained run: a picture into a .png, an animation into a .gif, arrays into .npy.

    Each is called as its input, in the folders that this lay in. Nothing is overwritten; what cannot be read is told of
    and the others go on, with exit status 2 in the end. Of animations and of pictures numbered one by one it is told
    how much changes from frame to frame, beside what was given.

    Parameters
    ----------
    run
        The run's folder.
    inputs
        Pictures, folders or zips of pictures, arrays (.npy, .npz).
    out
        The folder for what is made.
    back
        From the second class to the first, for a run that knows both ways.
    fit
        How other sizes than the trained one are met: tiles turns larger pictures piece by piece and continues smaller
        ones in the mirror; resize brings all to the trained size.
    seed
        Of the noise, where the run has any.
    checkpoint
        best, last, or a step.
    trust
        Import and run the code that the run names by import path.
    """
    from saddlepoint.cli.waiting import Waiting, beside_output
    from saddlepoint.errors import BadOption, shown
    from saddlepoint.runs.translating import translations

    if not inputs:
        raise BadOption("nothing was given to translate; name pictures, folders of pictures, or arrays")
    made = refused = 0
    with Waiting(beside_output()) as tell:
        for outcome in translations(
            run, inputs, out, back=back, fit=fit, seed=seed, checkpoint=checkpoint, trust=trust, tell=tell
        ):
            made += outcome.made is not None
            if outcome.refused:
                refused += 1
                print(shown(f"saddle: {outcome.refused}"), file=sys.stderr)
            if outcome.told:
                print(shown(outcome.told), flush=True)
    print(shown(f"{made} of {made + refused} translated: {out}"))
    return 2 if refused else 0
