"""Pictures of samples: sheets of images, clouds of points, histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

Array = NDArray[np.floating]
_INK, _FAINT, _ACCENT = "#1f4e79", "#c8c8c8", "#c0504d"


class Heights(NamedTuple):
    """A density's `values`, D-dimensional, on the grid of the D `edges` in own units; D is 1, 2 or 3."""

    edges: Sequence[Array]
    values: Array


def picture(
    file: Path,
    samples: Array,
    *,
    columns: int | None = None,
    real: Array | None = None,
    density: Heights | None = None,
    surface: Heights | None = None,
) -> None:
    """Write a PNG of samples in own units: a sheet for images (N, C, H, W) in [0, 1], else a plot for (N, D).

    `columns` is the sheet's width; `real` samples are drawn faintly behind points, a `density` and the discriminator's
    `surface` over the plane beside them.
    """
    if samples.ndim == 4:
        sheet(file, samples, columns=columns)
    else:
        _plot(file, samples, real, density, surface)


def sheet(file: Path, images: Array, *, columns: int | None = None, gap: int = 1) -> None:
    """Write images (N, C, H, W) in [0, 1] as one PNG, row by row; small ones are enlarged by whole pixels."""
    from PIL.Image import Resampling

    count, channels, height, width = images.shape
    columns = columns or ceil(sqrt(count))
    rows = ceil(count / columns)
    page = np.full((channels, rows * (height + gap) - gap, columns * (width + gap) - gap), 255, np.uint8)
    for index, pixels in enumerate(_pixels(images)):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        page[:, top : top + height, left : left + width] = pixels
    made = _drawn(page)
    zoom = max(1, 640 // max(made.size))
    made.resize((made.width * zoom, made.height * zoom), Resampling.NEAREST).save(file, format="PNG")


def image(file: Path, x: Array) -> None:
    """Write an image (C, H, W) in [0, 1] as a PNG of its own size."""
    _drawn(_pixels(x)).save(file, format="PNG")


def animation(file: Path, frames: Array, *, seconds: float = 0.08) -> None:
    """Write images (F, C, H, W) in [0, 1] as a GIF, each shown so long, for ever; small ones are enlarged."""
    from PIL.Image import Resampling

    zoom = max(1, 320 // max(frames.shape[2:]))
    shown = [_drawn(one) for one in _pixels(frames)]
    first, *rest = (one.resize((one.width * zoom, one.height * zoom), Resampling.NEAREST) for one in shown)
    first.save(file, format="GIF", save_all=True, append_images=rest, duration=round(1000 * seconds), loop=0)


def curves(
    file: Path, places: Sequence[float], values: Mapping[str, Sequence[float]], real: Mapping[str, float], *, along: str
) -> None:
    """Write a PNG of several values over the same places, and of what real data gets as broken lines."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name, line in values.items():
        (drawn,) = axes.plot(places, line, marker="o", label=name)
        axes.axhline(real[name], color=drawn.get_color(), linestyle=":", linewidth=1)
    axes.set(xlabel=along, ylim=(0, None))
    axes.legend()
    figure.savefig(file, format="png", dpi=110)


def _pixels(x: Array) -> NDArray[np.uint8]:
    return (x * 255).round().astype(np.uint8)


def _drawn(pixels: NDArray[np.uint8]) -> Image.Image:
    """Pixels (C, H, W) as a picture: grey, or what there is of red, green, blue and alpha."""
    from PIL import Image

    last = pixels.transpose(1, 2, 0)
    return Image.fromarray(last[..., 0] if len(pixels) == 1 else last[..., : 4 if len(pixels) >= 4 else 3])


def _plot(file: Path, samples: Array, real: Array | None, density: Heights | None, surface: Heights | None) -> None:
    from matplotlib.figure import Figure

    planes = list(combinations(range(samples.shape[1]), 2)) if density else []
    panels = 1 + len(planes) + (surface is not None)
    figure = Figure(figsize=(5 * panels, 5), layout="constrained")
    axes, *beside = np.atleast_1d(figure.subplots(1, panels))
    for values, colour in ((real, _FAINT), (samples, _INK)):
        if values is None:
            continue
        if samples.shape[1] == 1:
            axes.hist(values[:, 0], bins=100, density=True, color=colour, alpha=0.7)
        else:
            axes.scatter(values[:, 0], values[:, 1], s=2, color=colour, linewidths=0)
    if samples.shape[1] > 1:
        axes.set_aspect("equal" if samples.shape[1] == 2 else "auto")
    if density and not planes:
        axes.plot(density.edges[0], density.values, color=_ACCENT)
    for plane, other in zip(planes, beside, strict=False):
        _density(other, density, plane)
    if surface is not None:
        _surface(beside[-1], surface)
    figure.savefig(file, format="png", dpi=110)


def _surface(axes: Any, surface: Heights) -> None:
    """The discriminator's scores over the plane, red where it takes samples for real."""
    across, up = surface.edges
    drawn = axes.pcolormesh(across, up, surface.values.T, cmap="RdBu_r", shading="nearest", rasterized=True)
    axes.figure.colorbar(drawn, ax=axes, shrink=0.7)
    axes.set(title="discriminator")
    axes.set_aspect("equal")


def _density(axes: Any, density: Heights | None, plane: tuple[int, int]) -> None:
    """The density over two of its dimensions, summed over the third where there is one."""
    assert density is not None
    others = tuple(axis for axis in range(density.values.ndim) if axis not in plane)
    across, up = (density.edges[axis] for axis in plane)
    axes.pcolormesh(across, up, density.values.sum(axis=others).T, cmap="Blues", shading="nearest", rasterized=True)
    axes.set(xlabel=f"number {plane[0] + 1}", ylabel=f"number {plane[1] + 1}", title="density")
    axes.set_aspect("equal" if density.values.ndim == 2 else "auto")
