"""Small data sets in every format, written by the libraries that people write them with."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from saddlepoint.data import images, shelf
from saddlepoint.data._example import idx_file as save_idx
from saddlepoint.data._example import pictures as save_images
from saddlepoint.data._open import readers

__all__ = ["save_idx", "save_images"]

Makers = dict[str, Callable[[Path], Path]]


def save_zip(folder: Path, file: Path, below: str = "") -> Path:
    """Everything in `folder` as a zip."""
    with zipfile.ZipFile(file, "w") as packed:
        for found in sorted(folder.rglob("*")):
            if found.is_file():
                packed.write(found, below + found.relative_to(folder).as_posix())
    return file


@pytest.fixture(scope="session")
def samples() -> Makers:
    """For each source that reads a path, what makes one: its own `example`."""
    return {name: importlib.import_module(f"{shelf.package}.{name}").example for name in readers()}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Ten cats and ten dogs, 6x8 in colour."""
    return images.example(tmp_path)
