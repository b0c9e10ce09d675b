"""Arrays that NumPy saved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.lib.npyio import NpzFile
from torch import Tensor

from saddlepoint.data._columns import first_bad, standard
from saddlepoint.data._depth import DEEPEST, Values, dark, shallow, white_of
from saddlepoint.data._files import existing, packed
from saddlepoint.data._labels import printable
from saddlepoint.data._memory import fits
from saddlepoint.data._parted import parted
from saddlepoint.errors import BadData, one_line, unknown
from saddlepoint.ranges import ProperShare
from saddlepoint.source import Source, seen, split_off
from saddlepoint.spec import IMAGE_UNITS, Units

Layout = Literal["auto", "NHWC", "NCHW"]
Array = Values | Tensor

_LABELS = "y"
_CHANNELS = (1, 3, 4)
# Grey ones may have alpha too: what a model that fills holes is given.
_WITH_ALPHA = (1, 2, 3, 4)


def arrays(
    path: str | Array | Mapping[str, Array],
    *,
    layout: Layout = "auto",
    x: str = "x",
    y: str | Array = "y",
    held_out: ProperShare = 0.1,
) -> Source:
    """Images or vectors in a .npy or .npz file that NumPy saved.

    Paper: none; the format of https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

    (N, H, W), (N, H, W, C) and (N, C, H, W) are images, of whole numbers from 0 to 65535 or of floats in [0, 1];
    `layout` says where the channels are when 1, 3 or 4 in one place alone do not. What is white in whole numbers is
    told by the greatest of them, for 12 bits come in a type of 16. (N, D) and (N,) are vectors, standardised
    column by column. In a .npz `x` names the samples and `y` the labels, whole numbers or texts (N,), if it
    holds such; a whole number is the class of that name.

    From Python, `path` may be the samples themselves, an array, tensor or list, and `y` their labels.

    Raises `BadData`, naming the file, for Python objects, values that are not finite, and labels that do not
    fit.
    """
    samples, labels, where = _loaded(path, x, y)
    _check(samples, where)
    classes, numbers = _classes(labels, len(samples), where)
    parts = split_off(numbers, len(samples), held_out)
    if samples.ndim > 2:
        made, notes = _images(samples, layout, where)
        source = parted(made, numbers, parts, IMAGE_UNITS, classes=classes, bounds=(-1.0, 1.0))
        source.notes = tuple(notes)
        return source
    vectors, units = _vectors(samples, parts[0])
    return parted(vectors, numbers, parts, units, classes=classes)


def rows_at(path: str) -> Tensor:
    """The rows (N, ...) of numbers in a .npy or .npz file, as they are; raises `BadData` for what is none."""
    samples, _, where = _loaded(path, "x", "y")
    _check(samples, where)
    return torch.from_numpy(samples.astype(np.float32))


def pictures_at(path: str) -> Tensor:
    """The images (N, C, H, W), in [0, 1], of a .npy or .npz file; raises `BadData` for what is none."""
    samples, _, where = _loaded(path, "x", "y")
    _check(samples, where)
    if samples.ndim < 3:
        raise BadData(f"{where}: wanted pictures, (N, H, W), (N, H, W, C) or (N, C, H, W), got {samples.shape}")
    return IMAGE_UNITS.own(seen(_images(samples, "auto", where, _WITH_ALPHA)[0]))


def reads(path: Path) -> int:
    """1 for a .npy or .npz file."""
    return int(path.suffix.lower() in (".npy", ".npz"))


def example(folder: Path) -> Path:
    """Writes a small sample of what this reads below `folder`, and gives its path: vectors with labels."""
    x = np.random.default_rng(0).normal(3, 2, (40, 3))
    np.savez(folder / "a.npz", x=x, y=np.arange(40) % 4)
    return folder / "a.npz"


def _loaded(path: str | Array | Mapping[str, Array], x: str, y: str | Array) -> tuple[Values, Values | None, str]:
    """Samples, labels if there are any, and what errors call them."""
    names = {"x": x} if not isinstance(y, str) else {"x": x, "y": y}
    if isinstance(path, str | os.PathLike):
        samples, labels, where = *_saved(existing(os.fspath(path)), names), str(path)
    else:
        samples, labels, where = *_taken(path, names, "the arrays"), "the arrays"
    return samples, labels if isinstance(y, str) else _plain(y), where


def _saved(file: Path, names: Mapping[str, str]) -> tuple[Values, Values | None]:
    try:
        with file.open("rb") as opened:
            fits(file.stat().st_size, str(file))
            return _taken(np.load(opened, allow_pickle=False), names, str(file))
    except BadData:
        raise
    # What NumPy raises on damaged files is not one family.
    except Exception as error:
        if "allow_pickle" in str(error):
            said = "is no file of NumPy's or holds Python objects, which are never loaded; save plain numbers"
            raise BadData(f"{file}: {said}") from error
        raise BadData(f"{file}: is no whole file of NumPy's ({one_line(error)}); save it anew") from error


def _taken(loaded: Any, names: Mapping[str, str], where: str) -> tuple[Values, Values | None]:
    """The arrays called by `names` in an archive or mapping, or the only one there is."""
    if not isinstance(loaded, Mapping):
        return _plain(loaded), None
    for option, name in names.items():
        if name not in loaded and (option, name) != ("y", _LABELS):
            raise BadData(f"{where}: {unknown('array', name, map(str, loaded))} (--data.{option} NAME)")
    found = {option: _part(loaded, name, where) for option, name in names.items() if name in loaded}
    return found["x"], found.get("y")


def _part(loaded: Mapping[str, Any], name: str, where: str) -> Values:
    if isinstance(loaded, NpzFile) and loaded.zip is not None:
        info = loaded.zip.getinfo(f"{name}.npy" if name in loaded.files else name)
        packed(info)
        fits(info.file_size, f"{where}: {name}")
    return _plain(loaded[name])


def _plain(array: Array) -> Values:
    """An array or tensor as NumPy has it."""
    if isinstance(array, Tensor):
        array = array.detach().cpu()
        array = array.float() if array.dtype == torch.bfloat16 else array
    try:
        return np.asarray(array)
    except ValueError as error:
        raise BadData(f"the arrays: wanted rows of one shape ({one_line(error)})") from error


def _check(samples: Values, file: str) -> None:
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


def _classes(labels: Values | None, count: int, file: str) -> tuple[tuple[str, ...], Tensor | None]:
    if labels is None:
        return (), None
    if labels.shape not in ((count,), (count, 1)):
        raise BadData(f"{file}: wanted {count} labels, one for each sample, got shape {labels.shape}")
    if labels.dtype == object and all(isinstance(label, str) for label in labels.flat):
        labels = labels.astype(str)
    if labels.dtype.kind not in "biuU":
        raise BadData(f"{file}: wanted labels that are whole numbers or texts, got {labels.dtype}")
    values, y = np.unique(labels.reshape(-1), return_inverse=True)
    names = tuple(str(value) for value in values)
    printable(names, file)
    return names, torch.from_numpy(y.astype(np.int64))


def _vectors(samples: Values, kept: Tensor) -> tuple[Tensor, Units]:
    table = samples.reshape(len(samples), -1)
    columns = tuple(standard(f"c{i}", column) for i, column in enumerate(table[kept.numpy()].T))
    mean, std = np.array([(column.mean, column.std) for column in columns]).T
    return torch.from_numpy((table - mean) / std), Units(columns=columns)


def _images(
    samples: Values, layout: Layout, file: str, channels: tuple[int, ...] = _CHANNELS
) -> tuple[Tensor, list[str]]:
    channelled = samples[:, None] if samples.ndim == 3 else _channels_first(samples, layout, file, channels)
    return _scaled(np.ascontiguousarray(channelled), file)


def _channels_first(samples: Values, layout: Layout, file: str, channels: tuple[int, ...]) -> Values:
    first, last = (samples.shape[axis] in channels for axis in (1, 3))
    if layout == "auto" and first == last:
        raise BadData(f"{file}: cannot tell where the channels are in {samples.shape}; give --data.layout NHWC or NCHW")
    return samples if layout == "NCHW" or (layout == "auto" and first) else samples.transpose(0, 3, 1, 2)


def _scaled(images: Values, file: str) -> tuple[Tensor, list[str]]:
    """Images as `Stored` holds them, uint8 or float32 in [-1, 1], and what is to be told of their depth."""
    if images.dtype == np.bool_:
        return torch.from_numpy(images.astype(np.uint8) * 255), []
    least, most, whole = images.min(), images.max(), images.dtype.kind in "iu"
    if least < 0 or most > (DEEPEST if whole else 1):
        wanted = "images of whole numbers from 0 to 65535 or of floats from 0 to 1"
        got = f"{images.dtype} from {least} to {most}"
        raise BadData(f"{file}: wanted {wanted}, got {got}; save {_in_bounds(float(least), float(most))}")
    if whole:
        pixels, notes = shallow(images)
        return torch.tensor(pixels), notes
    notes = [said] if (said := dark(float(most), 1.0)) else []
    return torch.from_numpy((images.astype(np.float64) * 2 - 1).astype(np.float32)), notes


def _in_bounds(least: float, most: float) -> str:
    """What brings images from `least` to `most` into [0, 1] and keeps them as they are otherwise."""
    if least >= -1 and most <= 1:
        return "(x.astype(float) + 1) / 2"
    if least >= 0 and most <= DEEPEST and not dark(most, white := white_of(ceil(most))):
        return f"x.astype(float) / {white}"
    return f"(x.astype(float) - {least!r}) / {most - least!r}"
