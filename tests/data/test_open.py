"""Which source reads a path."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from saddlepoint.data import shelf
from saddlepoint.data._open import reader_of
from saddlepoint.errors import BadData
from tests.data.conftest import save_idx, save_images, save_zip

READERS = [name for name in shelf.names() if shelf.entry(name).parts]


@pytest.mark.parametrize("name", READERS)
def test_its_sample_is_read_by_it_alone(samples, tmp_path, name):
    path = samples[name](tmp_path)
    assert readers_of(path) == [name]
    assert reader_of(str(path)) == name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("photos.zip", "images"),
        ("PHOTOS.ZIP", "images"),
        ("a.npy", "arrays"),
        ("a.npz", "arrays"),
        ("t.csv", "table"),
        ("t.CSV", "table"),
        ("t.csv.gz", "table"),
        ("t.tsv", "table"),
        ("train-images-idx3-ubyte", "idx"),
        ("train-images-idx3-ubyte.gz", "idx"),
        ("train-labels.idx1-ubyte", "idx"),
    ],
)
def test_names_tell_the_source(tmp_path, file, name):
    (tmp_path / file).write_bytes(b"whatever it holds")
    assert readers_of(tmp_path / file) == [name]


def test_an_idx_file_of_any_name_is_known_by_its_first_bytes(tmp_path):
    assert reader_of(str(save_idx(tmp_path / "digits", np.zeros((2, 3, 3), np.uint8)))) == "idx"


def test_relative_paths_and_zips_are_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_zip(save_images(tmp_path / "photos", ["a.png"]), tmp_path / "photos.zip")
    assert reader_of("photos.zip") == "images"
    assert reader_of("photos") == "images"
    assert reader_of(".") == "images"


def test_home_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    save_images(tmp_path / "photos", ["a.png"])
    assert reader_of("~/photos") == "images"


def test_what_nobody_reads_is_refused_with_what_can_be_read(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(BadData, match=r"a.txt: nobody reads such a file; wanted one of arrays: Images or .*; idx: "):
        reader_of(str(tmp_path / "a.txt"))
    with pytest.raises(BadData, match=r"nowhere: no such file or folder in .*; give the path of the data"):
        reader_of(str(tmp_path / "nowhere"))


def readers_of(path: Path) -> list[str]:
    return [name for name in READERS if importlib.import_module(f"saddlepoint.data.{name}").reads(path)]
