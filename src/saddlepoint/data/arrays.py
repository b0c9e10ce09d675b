"""Arrays that NumPy saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from saddlepoint.data._columns import first_bad, standard
from saddlepoint.data._files import existing
from saddlepoint.data._parted import parted
from saddlepoint.errors import BadData, unknown
from saddlepoint.ranges import ProperShare
from saddlepoint.source import IMAGE_UNITS, Source, Units, split_off

Layout = Literal["auto", "NHWC", "NCHW"]

_LABELS = "y"
_CHANNELS = (1, 3, 4)


def arrays(
    path: str,
    *,
    layout: Layout = "auto",
    x: str = "x",
    y: str = "y",
    held_out: ProperShare = 0.1,
) -> Source:
    """Images or vectors in a .npy or .npz file that NumPy saved.

    Paper: none; the format of https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

    (N, H, W), (N, H, W, C) and (N, C, H, W) are images, of uint8 or of floats in [0, 1]; `layout` says where
    the channels are when 1, 3 or 4 in one place alone do not. (N, D) and (N,) are vectors, standardised
    column by column. In a .npz `x` names the samples and `y` the labels, whole numbers or texts (N,), if it
    holds such.

    Raises `BadData`, naming the file, for Python objects, values that are not finite, and labels that do not
    fit.
    """
    found = existing(path)
    samples, labels = _loaded(found, x, y)
    _check(samples, found)
    classes, numbers = _classes(labels, len(samples), found)
    parts = split_off(numbers, len(samples), held_out)
    if samples.ndim > 2:
        made = _images(samples, layout, found)
        return parted(made, numbers, parts, IMAGE_UNITS, classes=classes, bounds=(-1.0, 1.0))
    vectors, units = _vectors(samples, parts[0])
    return parted(vectors, numbers, parts, units, classes=classes)


def reads(path: Path) -> bool:
    """Whether `path` is a .npy or .npz file."""
    return path.suffix.lower() in (".npy", ".npz")


def _loaded(file: Path, x: str, y: str) -> tuple[NDArray[Any], NDArray[Any] | None]:
    try:
        with file.open("rb") as opened:
            return _taken(np.load(opened, allow_pickle=False), file, x, y)
    except BadData:
        raise
    # What NumPy raises on damaged files is not one family.
    except Exception as error:
        if "allow_pickle" in str(error):
            said = "is no file of NumPy's or holds Python objects, which are never loaded; save plain numbers"
            raise BadData(f"{file}: {said}") from error
        reason = " ".join(str(error).split())
        raise BadData(f"{file}: is no whole file of NumPy's ({reason}); save it anew") from error


def _taken(loaded: Any, file: Path, x: str, y: str) -> tuple[NDArray[Any], NDArray[Any] | None]:
    if isinstance(loaded, np.ndarray):
        return loaded, None
    for name, option in ((x, "x"), (y, "y")):
        if name not in loaded.files and (option, name) != ("y", _LABELS):
            raise BadData(f"{file}: {unknown('array', name, loaded.files)} (--data.{option} NAME)")
    return loaded[x], loaded[y] if y in loaded.files else None


def _check(samples: NDArray[Any], file: Path) -> None:
    if samples.ndim not in (1, 2, 3, 4):
        raise BadData(f"{file}: wanted 1 to 4 dimensions, such as (N, D) or (N, H, W, C), got {samples.shape}")
    if samples.size == 0:
        raise BadData(f"{file}: is empty, its shape is {samples.shape}; wanted samples")
    if samples.dtype.kind not in "biuf":
        raise BadData(f"{file}: wanted numbers, got {samples.dtype}")
    bad = first_bad(samples) if samples.dtype.kind == "f" else None
    if bad is not None:
        place = ", ".join(map(str, bad))
        raise BadData(f"{file}: wanted finite numbers, got {samples[bad]} at x[{place}]; replace it")


def _classes(labels: NDArray[Any] | None, count: int, file: Path) -> tuple[tuple[str, ...], Tensor | None]:
    if labels is None:
        return (), None
    if labels.shape != (count,):
        raise BadData(f"{file}: wanted {count} labels, one for each sample, got shape {labels.shape}")
    if labels.dtype.kind not in "biuU":
        raise BadData(f"{file}: wanted labels that are whole numbers or texts, got {labels.dtype}")
    names, y = np.unique(labels, return_inverse=True)
    return tuple(str(name) for name in names), torch.from_numpy(y.astype(np.int64))


def _vectors(samples: NDArray[Any], kept: Tensor) -> tuple[Tensor, Units]:
    table = samples.reshape(len(samples), -1).astype(np.float64)
    columns = tuple(standard(f"c{i}", column) for i, column in enumerate(table[kept.numpy()].T))
    mean, std = np.array([(column.mean, column.std) for column in columns]).T
    return torch.from_numpy(((table - mean) / std).astype(np.float32)), Units(columns=columns)


def _images(samples: NDArray[Any], layout: Layout, file: Path) -> Tensor:
    channelled = samples[:, None] if samples.ndim == 3 else _channels_first(samples, layout, file)
    return _scaled(np.ascontiguousarray(channelled), file)


def _channels_first(samples: NDArray[Any], layout: Layout, file: Path) -> NDArray[Any]:
    first, last = (samples.shape[axis] in _CHANNELS for axis in (1, 3))
    if layout == "auto" and first == last:
        raise BadData(f"{file}: cannot tell where the channels are in {samples.shape}; give --data.layout NHWC or NCHW")
    return samples if layout == "NCHW" or (layout == "auto" and first) else samples.transpose(0, 3, 1, 2)


def _scaled(images: NDArray[Any], file: Path) -> Tensor:
    """Images as `Stored` holds them: uint8, or float32 in [-1, 1]."""
    if images.dtype == np.uint8:
        return torch.from_numpy(images)
    if images.dtype == np.bool_:
        return torch.from_numpy(images.astype(np.uint8) * 255)
    least, most = images.min(), images.max()
    if images.dtype.kind != "f" or least < 0 or most > 1:
        raise BadData(
            f"{file}: wanted images of uint8 or of floats from 0 to 1, got {images.dtype} from {least} to "
            f"{most}; save x.astype('uint8') or scaled to 0 to 1"
        )
    return torch.from_numpy((images.astype(np.float64) * 2 - 1).astype(np.float32))
