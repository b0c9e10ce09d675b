"""What is known of pictures and what they were decoded to, kept by their files' content for the next start.

Every start reads every file: what is kept is never that of other bytes.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import torch
from numpy.typing import NDArray
from torch import Tensor

from saddlepoint.data._files import PICTURE, Files
from saddlepoint.data._picture import Head, Pictures, digest_of, head_of
from saddlepoint.data._streamed import stacked
from saddlepoint.machine.cache import bound, cache_folder, keep
from saddlepoint.machine.regular import opened

# What is quicker to make is not kept; decoded pictures take so many bytes together.
_DEAR_SECONDS, _MOST = 1.0, 4 * 2**30
_HEAD = np.dtype([("digest", "V32"), ("size", "<i4", 2), ("mode", "U8"), ("alpha", "?"), ("frames", "?")])
# The first number is ours: it goes up when `_picture` comes to say or to decode something else of the same bytes.
_VERSION = f"1, Pillow {PIL.__version__}"


def heads_of(files: Files, names: Sequence[str]) -> list[Head]:
    """The heads of pictures; those whose content was met in this folder before are not opened again.

    Raises `BadData` for a file that is no picture, or has too many pixels.
    """
    file = _folder() / f"heads-{_digest([_VERSION, str(files.path.resolve())])}.npy"
    known = {head.digest: head for head in _heads_in(file)}
    before, began = len(known), time.perf_counter()
    heads = []
    for name in names:
        raw = files.read(name, PICTURE)
        digest = digest_of(raw)
        if digest not in known:
            known[digest] = head_of(raw, files.where(name))
        heads.append(known[digest])
    if len(known) > before and time.perf_counter() - began > _DEAR_SECONDS:
        _save(file, _table(set(heads)))
    return heads


def pixels_of(pictures: Pictures, names: Sequence[str], digests: Sequence[bytes]) -> Tensor:
    """The pictures `names` as one uint8 tensor (N, C, H, W), of files whose content the digests tell."""
    told = (pictures.size, pictures.mode, pictures.fit, pictures.whites, pictures.half)
    file = _folder() / f"pixels-{_digest([_VERSION, repr(told), *digests])}.npy"
    found, shape = _array_in(file), (len(names), *pictures.shape)
    if found is not None and found.shape == shape and found.dtype == np.uint8:
        return torch.from_numpy(found)
    began = time.perf_counter()
    made = stacked(pictures, names, pictures.shape)
    if time.perf_counter() - began > _DEAR_SECONDS and made.numel() <= _MOST:
        _save(file, made.numpy())
    return made


def _heads_in(file: Path) -> list[Head]:
    table = _array_in(file)
    if table is None or table.dtype != _HEAD:
        return []
    rows = zip(*(table[name].tolist() for name in _HEAD.names or ()), strict=True)
    return [Head((high, wide), mode, alpha, several, digest) for digest, (high, wide), mode, alpha, several in rows]


def _table(heads: set[Head]) -> NDArray[Any]:
    rows = [(head.digest, head.size, head.mode, head.alpha, head.frames) for head in heads]
    return np.array(rows, _HEAD)


def _array_in(file: Path) -> NDArray[Any] | None:
    """What is kept in a file; None where nothing is, or it was cut short."""
    try:
        with opened(file) as kept:
            found: NDArray[Any] = np.lib.format.read_array(kept, allow_pickle=False)
        os.utime(file)
    except (OSError, ValueError, EOFError):
        return None
    return found


def _save(file: Path, array: NDArray[Any]) -> None:
    if keep(file, _writing(array)):
        bound(file.parent, _MOST)


def _writing(array: NDArray[Any]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, array)

    return write


def _folder() -> Path:
    return cache_folder() / "pictures"


def _digest(parts: Sequence[str | bytes]) -> str:
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part.encode() if isinstance(part, str) else part)
    return sha.hexdigest()
