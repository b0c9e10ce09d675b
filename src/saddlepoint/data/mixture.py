"""Gaussians on a line."""

from __future__ import annotations

import torch

from saddlepoint.data._mixture import mixture_source
from saddlepoint.ranges import Amount, Count, Scale
from saddlepoint.source import Source


def mixture(*, modes: Count = 2, spacing: Scale = 4.0, std: Amount = 0.5) -> Source:
    """Gaussians evenly placed on a line: one dimension, where densities can be drawn and distances computed.

    Paper: Goodfellow et al. 2014, Generative adversarial nets, figure 1, which shows one Gaussian

    `modes` means, `spacing` apart and centred at 0: -2 and 2 by default.
    """
    means = spacing * (torch.arange(modes) - (modes - 1) / 2)
    identity = {"source": "mixture", "modes": modes, "spacing": spacing, "std": std}
    return mixture_source(means[:, None], std, identity=identity)
