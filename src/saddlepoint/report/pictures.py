"""Pictures of samples: sheets of images, clouds of points, histograms."""

from __future__ import annotations

from math import ceil, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
_INK, _FAINT = "#1f4e79", "#c8c8c8"


def picture(file: Path, samples: Array, *, columns: int | None = None, real: Array | None = None) -> None:
    """Write a PNG of samples in own units: a sheet for images (N, C, H, W) in [0, 1], else a plot for (N, D).

    `columns` is the sheet's width; `real` samples are drawn faintly behind points.
    """
    if samples.ndim == 4:
        sheet(file, samples, columns=columns)
    else:
        _plot(file, samples, real)


def sheet(file: Path, images: Array, *, columns: int | None = None, gap: int = 1) -> None:
    """Write images (N, C, H, W) in [0, 1] as one PNG, row by row; small ones are enlarged by whole pixels."""
    from PIL import Image

    count, channels, height, width = images.shape
    columns = columns or ceil(sqrt(count))
    rows = ceil(count / columns)
    page = np.full((channels, rows * (height + gap) - gap, columns * (width + gap) - gap), 255, np.uint8)
    for index, image in enumerate((images * 255).round().astype(np.uint8)):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        page[:, top : top + height, left : left + width] = image
    pixels = page.transpose(1, 2, 0)
    made = Image.fromarray(pixels[..., 0] if channels == 1 else pixels[..., : 4 if channels >= 4 else 3])
    zoom = max(1, 640 // max(made.size))
    made.resize((made.width * zoom, made.height * zoom), Image.Resampling.NEAREST).save(file, format="PNG")


def _plot(file: Path, samples: Array, real: Array | None) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.add_subplot()
    if samples.shape[1] == 1:
        for values, colour in ((real, _FAINT), (samples, _INK)):
            if values is not None:
                axes.hist(values[:, 0], bins=100, density=True, color=colour, alpha=0.7)
    else:
        for values, colour in ((real, _FAINT), (samples, _INK)):
            if values is not None:
                axes.scatter(values[:, 0], values[:, 1], s=2, color=colour, linewidths=0)
        axes.set_aspect("equal" if samples.shape[1] == 2 else "auto")
    figure.savefig(file, format="png", dpi=110)
