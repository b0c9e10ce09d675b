"""Gaussians on a square grid."""

from __future__ import annotations

import torch

from saddlepoint.data._mixture import mixture_source
from saddlepoint.ranges import Amount, Scale, Side
from saddlepoint.source import Source


def grid(*, side: Side = 5, spacing: Scale = 2.0, std: Amount = 0.05) -> Source:
    """Gaussians on a square grid in the plane, 25 by default; a harder test of mode collapse than the ring.

    Paper: Srivastava et al. 2017, VEEGAN: Reducing mode collapse in GANs using implicit variational learning

    `side` modes in each direction, `spacing` apart and centred at 0: {-4, -2, 0, 2, 4} by default.
    """
    places = spacing * (torch.arange(side) - (side - 1) / 2)
    means = torch.cartesian_prod(places, places)
    identity = {"source": "grid", "side": side, "spacing": spacing, "std": std}
    return mixture_source(means, std, identity=identity)
