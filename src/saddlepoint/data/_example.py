"""What small samples of data, written for tests and for help, are made of."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from saddlepoint.data._depth import Pixels


def pictures(
    folder: Path, names: Sequence[str], size: tuple[int, int] = (6, 8), mode: str = "RGB", seed: int = 0
) -> Path:
    """Random pictures (height, width) at `names` below `folder`, each unlike the others; the folder."""
    source = np.random.default_rng(seed)
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = source.integers(0, 256, (*size, len(mode)), dtype=np.uint8)
        Image.fromarray(pixels[..., 0] if mode == "L" else pixels).save(file)
    return folder


def idx_file(file: Path, values: Pixels) -> Path:
    """Bytes in MNIST's file format, gzipped where the file's name says so; the file."""
    raw = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()
    file.write_bytes(gzip.compress(raw) if file.suffix == ".gz" else raw)
    return file
