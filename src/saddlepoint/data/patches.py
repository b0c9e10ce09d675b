"""Random crops of the two photos that scikit-learn's wheel holds."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from saddlepoint.data._depth import Pixels
from saddlepoint.ranges import Range
from saddlepoint.source import Draw, Drawn, Source, seen
from saddlepoint.spec import IMAGE_UNITS, Spec

_TRAINED = 480


def patches(*, size: Annotated[int, Range(1, 160)] = 32) -> Source:
    """Random square crops of two colour photos, a Chinese temple and a flower, labelled by photo.

    Paper: Pedregosa et al. 2011, Scikit-learn: Machine learning in Python (`load_sample_images`)

    The photos are 427 x 640. Training crops come from the left 480 columns, held-out crops from the right
    160, so that no pixel is in both.
    """
    from sklearn.datasets import load_sample_images

    photos = np.stack(load_sample_images().images)
    spec = Spec((3, size, size), ("china", "flower"), (0.5, 0.5), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    return Drawn(
        spec,
        _crops(photos[:, :, :_TRAINED], size),
        identity={"source": "patches", "size": size},
        held=_crops(photos[:, :, _TRAINED:], size),
    )


def _crops(photos: Pixels, size: int) -> Draw:
    """Draws crops (n, C, size, size) from anywhere in `photos` (K, H, W, C), labelled by the photo."""
    planes = np.ascontiguousarray(photos.transpose(0, 3, 1, 2))
    windows = sliding_window_view(planes, (size, size), axis=(2, 3))
    kinds, _, rows, columns = windows.shape[:4]

    def draw(count: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
        y, row, column = (torch.randint(n, (count,), generator=source) for n in (kinds, rows, columns))
        return seen(torch.from_numpy(windows[y.numpy(), :, row.numpy(), column.numpy()])), y

    return draw
