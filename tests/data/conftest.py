"""Small data sets in every format, written by the libraries that people write them with."""

from __future__ import annotations

import gzip
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Makers = dict[str, Callable[[Path], Path]]


def save_images(
    folder: Path, names: list[str], size: tuple[int, int] = (6, 8), mode: str = "RGB", seed: int = 0
) -> Path:
    """Random images (height, width) at `names` below `folder`, each unlike the others."""
    source = np.random.default_rng(seed)
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = source.integers(0, 256, (*size, len(mode)), dtype=np.uint8)
        Image.fromarray(pixels[..., 0] if mode == "L" else pixels, mode=None).save(file)
    return folder


def save_zip(folder: Path, file: Path, below: str = "") -> Path:
    """Everything in `folder` as a zip."""
    with zipfile.ZipFile(file, "w") as packed:
        for found in sorted(folder.rglob("*")):
            if found.is_file():
                packed.write(found, below + found.relative_to(folder).as_posix())
    return file


def save_idx(file: Path, values: np.ndarray) -> Path:
    """An idx file of bytes, gzipped where its name says so."""
    raw = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()
    file.write_bytes(gzip.compress(raw) if file.suffix == ".gz" else raw)
    return file


def _images(folder: Path) -> Path:
    names = [f"{kind}/{i + start}.png" for start, kind in enumerate(("cat", "dog")) for i in range(10)]
    return save_images(folder / "photos", names)


def _pairs(folder: Path) -> Path:
    """Twenty pairs: A is grey and small, B in colour and large."""
    save_images(folder / "pairs", [f"A/{i}.png" for i in range(20)], (3, 4), mode="L")
    return save_images(folder / "pairs", [f"B/{i}.png" for i in range(20)], seed=1)


def _idx(folder: Path) -> Path:
    source = np.random.default_rng(0)
    save_idx(folder / "train-images-idx3-ubyte.gz", source.integers(0, 256, (20, 5, 4), dtype=np.uint8))
    save_idx(folder / "train-labels-idx1-ubyte.gz", np.arange(20, dtype=np.uint8) % 10)
    save_idx(folder / "t10k-images-idx3-ubyte", source.integers(0, 256, (6, 5, 4), dtype=np.uint8))
    save_idx(folder / "t10k-labels-idx1-ubyte", np.arange(6, dtype=np.uint8))
    return folder


def _arrays(folder: Path) -> Path:
    x = np.random.default_rng(0).normal(3, 2, (40, 3))
    np.savez(folder / "a.npz", x=x, y=np.arange(40) % 4)
    return folder / "a.npz"


def _table(folder: Path) -> Path:
    source = np.random.default_rng(0)
    rows = [f"{source.normal():.5f},{'red' if i % 3 else 'blue'},{source.integers(9)}" for i in range(40)]
    (folder / "t.csv").write_text("\n".join(["length,colour,count", *rows]))
    return folder / "t.csv"


@pytest.fixture(scope="session")
def samples() -> Makers:
    """For each source that reads a path, what makes one: a new such source needs a line here."""
    return {"images": _images, "pairs": _pairs, "idx": _idx, "arrays": _arrays, "table": _table}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Ten cats and ten dogs, 6x8 in colour."""
    return _images(tmp_path)
