"""Three labelled pictures as the channels of one: a thousand known combinations of ten classes."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from saddlepoint import data
from saddlepoint.data._example import pictures
from saddlepoint.data._open import reader_of
from saddlepoint.errors import BadData
from saddlepoint.source import Draw, Drawn, Labelled, Source, seen
from saddlepoint.spec import IMAGE_UNITS, Spec

_CHANNELS = 3


def stacked(path: str) -> Source:
    """Three labelled grey pictures, drawn at random, as the channels of one without label; each combination is a mode.

    Paper: Metz et al. 2017, Unrolled Generative Adversarial Networks, section 3.3.1; Srivastava et al. 2017, VEEGAN

    What is at the path is read as otherwise (idx files, a folder of grey pictures ...); held-out pictures are stacked
    apart. Which combinations samples are is told by the metric `combinations`. Raises `BadData` unless the pictures are
    grey, of two classes at least.
    """
    inner: Source = data.build(reader_of(path), path)
    if not (inner.spec.is_image and inner.spec.shape[0] == 1 and inner.labelled and inner.size):
        got = f"{' x '.join(map(str, inner.spec.shape))} of {len(inner.spec.classes) or 'no'} classes"
        raise BadData(f"{path}: stacked wants grey pictures of two classes at least, such as idx files; got {got}")
    spec = Spec((_CHANNELS, *inner.spec.shape[1:]), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    held = inner.held_out()
    source = Drawn(
        spec,
        _drawn(inner.real(inner.size)),
        identity={"source": "stacked", "of": inner.digest},
        held=None if held is None else _drawn(held),
    )
    source.channels, source.notes = inner, inner.notes
    return source


def reads(path: Path) -> int:
    """Nothing but what it is named for."""
    return 0


def example(folder: Path) -> Path:
    """Writes a small sample of what this reads below `folder`, and gives its path: grey pictures of two classes."""
    names = [f"{part}/{kind}/{i}.png" for part in ("train", "test") for kind in ("a", "b") for i in range(8)]
    return pictures(folder / "grey", names, mode="L")


def _drawn(known: Labelled) -> Draw:
    pixels = (known.x * 255).round().byte()

    def draw(count: int, source: torch.Generator) -> tuple[Tensor, None]:
        chosen = torch.randint(len(pixels), (count, _CHANNELS), generator=source)
        return seen(pixels[chosen, 0]), None

    return draw
