"""`saddle sample`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from saddlepoint.cli.whole import Whole, whole
from saddlepoint.errors import shown


def sample(
    run: str,
    *,
    n: Annotated[int | None, Parameter(name=["-n", "--count"], converter=whole)] = None,
    label: str | None = None,
    given: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    seed: Whole = 0,
    truncation: float | None = None,
    threshold: float | None = None,
    checkpoint: str = "best",
    out: Annotated[str, Parameter(name=["-o", "--out"])] = "samples.png",
    trust: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Make samples with a trained run, in the data's own units.

    Parameters
    ----------
    run
        The run's folder.
    n
        How many; 64 if not said, or one for each that is given.
    label
        Of this class, by name, or by place from 0 where no class is called by a number; without it, of the data's mix.
    given
        What samples are to be made of, for a run that was given something else than a label: a picture or a folder of
        pictures, numbers by commas or a .csv, .npy or .npz of rows, a text. Of several samples are made in turn.
    seed
        The same seed makes the same samples, of which those of a smaller -n are the first.
    truncation
        How far from the middle, of 1: styles about their mean where the model has some, else latents. Below 1 samples
        are more typical and less various.
    threshold
        Numbers of a latent beyond so many deviations are drawn again: the same, of a prior that draws each number
        alone, such as gaussian or uniform.
    checkpoint
        best, last, or a step.
    out
        A picture (.png), arrays x and y, the classes' names (.npz), an array (.npy), or a table (.csv); an animated
        walk from each sample to the next (.gif); a folder (ends in /) of a picture each, in folders of their classes.
    trust
        Import and run the code that the run names by import path.
    """
    from saddlepoint.runs.samples import Nearer, write_samples

    nearer = Nearer(truncation, threshold)
    write_samples(run, n, label, seed, out, checkpoint, given=given, trust=trust, nearer=nearer)
    print(shown(out))
    return 0
