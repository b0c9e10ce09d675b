"""The dark squares of a board."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.ranges import Side
from saddlepoint.source import Drawn, Source
from saddlepoint.spec import Spec, Units


def checkerboard(*, side: Side = 4) -> Source:
    """Uniform on the dark squares of a board in the plane: sharp edges, flat density.

    Paper: Grathwohl et al. 2019, FFJORD: Free-form continuous dynamics for scalable reversible generative models

    `side` squares in each direction, each 2 wide; the board is centred at 0 and spans -4 to 4 by default. The
    square at the lower left is dark.
    """
    index = torch.arange(side)
    squares = torch.cartesian_prod(index, index)
    dark = squares[squares.sum(1) % 2 == 0].float()

    def draw(count: int, source: torch.Generator) -> tuple[Tensor, None]:
        corner = dark[torch.randint(len(dark), (count,), generator=source)]
        return (corner + torch.rand(count, 2, generator=source)) * (2 / side) - 1, None

    identity = {"source": "checkerboard", "side": side}
    return Drawn(Spec((2,), units=Units(scale=float(side))), draw, identity=identity)
