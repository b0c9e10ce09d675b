"""Which source reads a path."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import numpy as np
import pytest

from saddlepoint.configuration.building import data_table, source_of
from saddlepoint.data import shelf
from saddlepoint.data._open import checked, is_path, reader_of
from saddlepoint.errors import BadData, SaddlepointError
from tests.data.conftest import save_idx, save_images, save_zip

READERS = [name for name in shelf.names() if shelf.entry(name).parts]


@pytest.mark.parametrize("name", READERS)
def test_its_sample_is_read_best_by_it(samples, tmp_path, name):
    path = samples[name](tmp_path)
    if name == "stacked":
        assert name not in readers_of(path), "another view of what others read, taken where it is named alone"
        return
    assert name in readers_of(path)
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
    assert readers_of(tmp_path / file) == [name, *(["pairs"] if name == "images" else [])]
    assert reader_of(str(tmp_path / file)) == name


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


@pytest.mark.parametrize("name", ["shots 12:30", "a:b", "package.module:function", "images", "table"])
def test_what_is_there_goes_before_what_is_meant_elsewhere(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    save_images(tmp_path / name, ["a.png"])
    assert is_path(name)
    checked(name)
    assert reader_of(name) == "images"


def test_names_of_sources_stay_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_images(tmp_path / "digits", ["a.png"])
    assert not is_path("digits")
    assert is_path("./digits")
    assert source_of(data_table("digits", {})).notes[-1].startswith("digits is a source's name; for the file or folder")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("digts", "data 'digts' is not known; did you mean 'digits'"),
        ("images", "images: no such file or folder in"),
        ("photos/", "photos/: no such file or folder in"),
        ("a.csv", "a.csv: no such file or folder in"),
        ("C:/photos/cat", "C:/photos/cat: no such file or folder in"),
        ("shots 12:30", "shots 12:30: no such file or folder in"),
        ("nowhere.at_all:make", "no module 'nowhere' on the import path"),
    ],
)
def test_what_is_not_there_is_refused(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SaddlepointError, match=words):
        checked(name)
    with pytest.raises(SaddlepointError, match=words):
        data_table(name, {})


def test_a_name_that_is_no_text_cannot_be_written_down(tmp_path):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    save_images(Path(folder), ["a.png"])
    with pytest.raises(BadData, match=r"caf\\udce9': the name holds bytes that are no UTF-8; rename it"):
        data_table(folder, {})
    save_images(tmp_path / "photos", ["a.png"])
    with pytest.raises(BadData, match="the name holds bytes that are no UTF-8"):
        data_table(str(tmp_path / "photos"), {"labels": folder})


def test_a_run_on_arrays_in_memory_says_that_no_file_holds_them():
    with pytest.raises(BadData, match=r"data 'arrays' has no path: data that was in memory is in no file; save it"):
        source_of({"name": "arrays", "held_out": 0.1})


def readers_of(path: Path) -> list[str]:
    return [name for name in READERS if importlib.import_module(f"saddlepoint.data.{name}").reads(path)]
