"""Equal Gaussians at known places: what several toys are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from saddlepoint.source import Drawn, Modes, Source
from saddlepoint.spec import Spec, Units


def mixture_source(means: Tensor, std: float, *, identity: Mapping[str, Any]) -> Source:
    """Isotropic Gaussians of equal share at `means` (K, D), scaled so that networks see about [-1, 1]."""
    scale = float(means.abs().max()) or max(3 * std, 1.0)
    places = means / scale

    def draw(count: int, source: torch.Generator) -> tuple[Tensor, None]:
        which = torch.randint(len(places), (count,), generator=source)
        return places[which] + (std / scale) * torch.randn(count, places.shape[1], generator=source), None

    spec = Spec((means.shape[1],), units=Units(scale=scale))
    return Drawn(spec, draw, identity=identity, modes=Modes(means, std))
