"""Pictures of all sorts, and tasks over them."""

from typing import Any

import torch

from saddlepoint import tasks
from saddlepoint.errors import BadData
from saddlepoint.source import Stored
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Derived

PICTURES = [
    Spec(shape, ("a", "b"), (0.5, 0.5), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    for shape in ((1, 28, 28), (3, 64, 64), (3, 33, 20), (4, 9, 6), (1, 1, 1))
]


def stored(spec: Spec, count: int = 40) -> Stored:
    """Labelled pictures: a slope with some noise, held as bytes, a quarter held out."""
    source = torch.Generator().manual_seed(0)
    across = torch.linspace(0, 200, spec.shape[2]).expand(count, *spec.shape)
    x = (across + 55 * torch.rand(count, *spec.shape, generator=source)).to(torch.uint8)
    y = torch.arange(count) % 2
    held = count // 4
    return Stored(spec, x[held:], y[held:], x[:held], y[:held])


def derived(name: str, spec: Spec, **options: Any) -> Derived | None:
    """Pictures of `spec` seen through a task; None where it is for others."""
    try:
        return Derived(stored(spec), tasks.build(name, spec, **options))
    except BadData:
        return None
