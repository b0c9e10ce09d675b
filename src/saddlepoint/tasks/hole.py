"""Whole pictures from those with holes."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import torch
from torch import Tensor

from saddlepoint.data._files import there
from saddlepoint.data._holes import central, masked
from saddlepoint.errors import BadOption, quoted, unknown
from saddlepoint.ranges import Range, Side
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Leave, Task, pictures


def hole(
    spec: Spec,
    *,
    where: Literal["centre", "random"] | str = "centre",
    share: Annotated[float, Range(0.001, 1)] = 0.5,
    holes: Side = 1,
) -> Task:
    """Whole pictures from the same ones with holes.

    Paper: Pathak et al. 2016, Context Encoders: Feature Learning by Inpainting (section 3.3: central region, random
    blocks, random region)

    `where` is "centre", "random" for `holes` rectangles anywhere in each picture, or the file of a mask as large as
    the pictures: black or transparent is a hole. A rectangle's sides are this `share` of the picture's. What is
    given has a channel more, alpha, which is 0 in a hole, where the picture is grey; samples keep what is known.
    """
    channels, height, width = pictures(spec, "hole")
    size = (max(1, round(share * height)), max(1, round(share * width)))
    identity = {"name": "hole", "where": where, "share": share, "holes": holes}
    if where == "random":
        leave = _anywhere(size, holes)
    elif where == "centre":
        leave = _always(central((height, width), share))
    else:
        known = _known(where, (height, width))
        leave = _always(known)
        identity = {"name": "hole", "where": "mask", "sha256": hashlib.sha256(known.numpy().tobytes()).hexdigest()}
    given = Spec((channels + 1, height, width), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    return Task(given, leave, "places", identity)


def _always(known: Tensor) -> Leave:
    """The same places (H, W) of every picture."""

    def leave(x: Tensor, source: torch.Generator) -> Tensor:
        return _holed(x, known.to(x.device, x.dtype).expand(len(x), 1, -1, -1))

    return leave


def _anywhere(size: tuple[int, int], holes: int) -> Leave:
    """All but some rectangles of one size, height and width, anew for each picture."""

    def leave(x: Tensor, source: torch.Generator) -> Tensor:
        corner = torch.rand(len(x), holes, 2, generator=source)
        down, across = (_covered(corner[..., i], x.shape[2 + i], size[i]) for i in range(2))
        missing = torch.bmm(down.mT, across).clamp_(max=1).unsqueeze(1)
        return _holed(x, (1 - missing).to(x.device, x.dtype))

    return leave


def _covered(corner: Tensor, side: int, length: int) -> Tensor:
    """1 at the places (B, holes, side) of a side that pieces of a `length` cover, from corners (B, holes) in [0, 1)."""
    start = (corner * (side - length + 1)).floor().unsqueeze(2)
    place = torch.arange(side)
    return ((place >= start) & (place < start + length)).float()


def _holed(x: Tensor, known: Tensor) -> Tensor:
    """Pictures (B, C + 1, H, W), grey where they are not known (B, 1, H, W), with what is known of them as alpha."""
    return torch.cat([x * known, 2 * known - 1], dim=1)


def _known(path: str, sides: tuple[int, int]) -> Tensor:
    """What a mask says is known, (H, W); raises `BadOption` for a word that is none, `BadData` for a mask that is."""
    if not there(path):
        raise BadOption(f"no mask is at {quoted(path)}, and {unknown('task.where', path, _WORDS)}")
    return masked(path, sides)


_WORDS = ("centre", "random")
