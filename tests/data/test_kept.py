"""What pictures were decoded to is kept by the content of their files, and never taken for that of others."""

import os

import numpy as np
import pytest
import torch
from PIL import Image

from saddlepoint.data import _kept, build
from saddlepoint.errors import BadData
from saddlepoint.machine.cache import bound
from tests.data.conftest import save_images


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache in which everything is kept, however quick it was to make."""
    monkeypatch.setenv("SADDLEPOINT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(_kept, "_DEAR_SECONDS", -1)
    return tmp_path / "cache"


@pytest.fixture
def nothing_opened(monkeypatch):
    """From here on a test fails where a picture is decoded."""

    def forbid():
        def fail(*_):
            raise AssertionError("decoded again")

        monkeypatch.setattr(_kept, "stacked", fail)
        monkeypatch.setattr(_kept, "head_of", fail)

    return forbid


def same(one, other):
    parts = ((one.real(1000), other.real(1000)), (one.held_out(), other.held_out()))
    return one.notes == other.notes and all(torch.equal(a.x, b.x) and torch.equal(a.y, b.y) for a, b in parts)


@pytest.fixture
def pairs(tmp_path):
    """Twenty pairs of another size on each side."""
    for side, size in (("A", (4, 3)), ("B", (8, 6))):
        (tmp_path / "pairs" / side).mkdir(parents=True)
        for i in range(20):
            Image.new("RGB", size, (10 * i, 7, 200)).save(tmp_path / "pairs" / side / f"{i}.png")
    return tmp_path / "pairs"


@pytest.mark.parametrize("kind", ["images", "pairs"])
def test_the_second_start_decodes_nothing_and_gives_the_same(kind, photos, pairs, cache, nothing_opened):
    path = {"images": photos, "pairs": pairs}[kind]
    first = build(kind, str(path))
    nothing_opened()
    assert same(build(kind, str(path)), first)


def test_other_options_give_other_pixels(photos, cache):
    assert build("images", str(photos)).spec.shape == (3, 6, 8)
    for options, shape in (
        ({"size": "4"}, (3, 4, 4)),
        ({"size": "4", "channels": "grey"}, (1, 4, 4)),
        ({"size": "4", "fit": "pad"}, (3, 4, 4)),
        ({"channels": "rgba"}, (4, 6, 8)),
    ):
        made = build("images", str(photos), **options)
        assert made.spec.shape == shape
        assert same(build("images", str(photos), **options), made)
    crop, pad = (build("images", str(photos), size="4", fit=fit).real(100).x for fit in ("crop", "pad"))
    assert not torch.equal(crop, pad)


def test_a_file_that_changed_is_read_though_its_name_its_size_and_its_times_did_not(tmp_path, cache):
    for i in range(20):
        Image.new("L", (4, 4), i).save(tmp_path / f"{i}.bmp")
    before = build("images", str(tmp_path), held_out=0.0).real(100).x
    file = tmp_path / "3.bmp"
    told = file.stat()
    Image.new("L", (4, 4), 250).save(file)
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert file.stat().st_size == told.st_size
    after = build("images", str(tmp_path), held_out=0.0).real(100).x
    changed = (before != after).flatten(1).any(1)
    assert int(changed.sum()) == 1
    assert (after[changed] * 255).round().unique().tolist() == [250]
    file.write_bytes(b"no picture")
    with pytest.raises(BadData, match=r"3\.bmp: is no image"):
        build("images", str(tmp_path))


def test_a_new_file_costs_itself_alone(photos, cache, monkeypatch):
    build("images", str(photos))
    save_images(photos / "cat", ["new.png"], seed=9)
    opened = []
    usual = _kept.head_of
    monkeypatch.setattr(_kept, "head_of", lambda raw, where: opened.append(where) or usual(raw, where))
    build("images", str(photos))
    assert [os.path.basename(where) for where in opened] == ["new.png"]


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"nonsense", b"PK\x03\x04", "half", "other"])
def test_what_is_damaged_is_made_again(content, photos, cache):
    first = build("images", str(photos))
    kept = list(cache.rglob("*.npy"))
    assert kept
    for file in kept:
        if content == "other":
            np.save(file, np.zeros((3, 1, 2, 2), np.uint8))
        else:
            raw = file.read_bytes()
            file.write_bytes(raw[: len(raw) // 2] if content == "half" else content)
    assert same(build("images", str(photos)), first)
    assert same(build("images", str(photos)), first)


def test_a_cache_that_cannot_be_written_costs_time_alone(photos, cache):
    cache.write_text("a file in the way")
    assert same(build("images", str(photos)), build("images", str(photos)))
    assert cache.read_text() == "a file in the way"


def test_what_is_quick_to_make_is_not_kept(photos, cache, monkeypatch):
    monkeypatch.setattr(_kept, "_DEAR_SECONDS", 60)
    build("images", str(photos))
    assert not cache.exists()


def test_what_was_used_longest_ago_makes_room(photos, cache, monkeypatch):
    build("images", str(photos))
    first = set(cache.rglob("*.npy"))
    for number, file in enumerate(sorted(first)):
        os.utime(file, (number, number))
    monkeypatch.setattr(_kept, "_MOST", sum(file.stat().st_size for file in first))
    build("images", str(photos), size="4")
    left = set(cache.rglob("*.npy"))
    assert left - first, "the new ones stay"
    assert first - left, "some of the old ones are gone"
    assert sum(file.stat().st_size for file in left) <= _kept._MOST
    bound(next(iter(left)).parent, 0)
    assert not list(cache.rglob("*.npy"))
