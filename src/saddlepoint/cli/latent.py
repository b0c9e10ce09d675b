"""`saddle latent`."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from saddlepoint.errors import BadOption


def latent(
    run: str,
    verb: str,
    /,
    *more: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    out: Annotated[str, Parameter(name=["-o", "--out"])],
    mask: str | None = None,
    hole: Literal["centre"] | None = None,
    label: str | None = None,
    checkpoint: str = "best",
    trust: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Look among the latents of a trained run: saddle latent RUN VERB [INPUT...] -o FOLDER

    `saddle list latent` shows the verbs, `saddle list latent VERB` the options of one, said as --OPTION VALUE.
    INPUT are pictures, folders of them, or a .npy of images, of the size that the model makes, for verbs that take
    some. What is transparent in a picture is a hole. FOLDER gets a picture for each (in each class: in a folder for
    each), sheet.png with what is given, made and, where known, the truth side by side, and the latents, z.npy; of verbs
    that lay samples out in rows the sheet, the arrays x.npy and z.npy and, where the rows are ways, ways.gif.

    Parameters
    ----------
    run
        The run's folder.
    verb
        What to do with pictures: invert finds their latents, and fills their holes; encode has the model's encoder read
        them, without a search; relabel asks for them in another class, --label, or in each; interpolate goes from one
        to the next. Without: truncate goes to the middle, traverse along what changes samples most, mix puts styles
        together, curve judges samples ever nearer to the middle.
    out
        A folder, new or empty.
    mask
        A picture of the same size; where it is black or transparent, all pictures have a hole.
    hole
        centre: all pictures have a hole in their centre, half as wide and half as high as they are.
    label
        The class, by name or place: of pictures their own, the one that is nearest to each if not said; for relabel
        the other one, each in turn if not said; of verbs without pictures that of the samples.
    checkpoint
        best, last, or a step.
    trust
        Import and run the code that the run names by import path.
    """
    inputs, options = _parted(more)
    if mask and hole:
        raise BadOption("--mask and --hole both say where the hole is; say one")

    from saddlepoint.latent import shelf

    shelf.entry(verb).complete(options, shelf.kind)

    from saddlepoint.cli.waiting import Waiting, beside_output
    from saddlepoint.errors import shown
    from saddlepoint.runs.latents import Told, write_latent

    with Waiting(beside_output()) as tell:
        tell(f"latent {verb}")
        for line in write_latent(run, verb, Told(inputs, hole or mask, label, checkpoint, trust), options, out):
            print(shown(line), flush=True)
    return 0


def _parted(tokens: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """What is no option, and the options as --NAME VALUE or --NAME=VALUE."""
    inputs: list[str] = []
    options: dict[str, str] = {}
    rest = iter(tokens)
    for token in rest:
        if not token.startswith("--"):
            inputs.append(token)
            continue
        name, equals, value = token.removeprefix("--").partition("=")
        options[name] = value if equals else next(rest, "--")
        if options[name].startswith("--"):
            raise BadOption(f"--{name} wants a value")
    return inputs, options
