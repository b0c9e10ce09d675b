"""What is read while training equals what is held in memory."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import subprocess
import sys
import time

import pytest
import torch
from PIL import Image

from saddlepoint.data import build
from saddlepoint.data._streamed import Streamed
from saddlepoint.errors import BadData
from saddlepoint.source import Shard, Stored
from tests.data.conftest import save_images, save_zip

STORED = 1.0
STREAMED = 0.0


@pytest.fixture(params=["folder", "zip"])
def pair(request, photos, tmp_path) -> tuple[Stored, Streamed]:
    path = photos if request.param == "folder" else save_zip(photos, tmp_path / "photos.zip")
    made = [build("images", str(path), memory=memory) for memory in (STORED, STREAMED)]
    assert [type(source) for source in made] == [Stored, Streamed]
    return tuple(made)


def same(one, other) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_batches_are_equal_wherever_they_start(pair):
    stored, streamed = (source.batches(5, seed=3) for source in pair)
    for index in (0, 1, 2, 3, 4, 5, 40, 41, 2, 3):
        assert same(stored(index), streamed(index))


def test_two_readers_at_once_do_not_disturb_each_other(pair):
    stored, streamed = pair
    one, other = streamed.batches(4, seed=1), streamed.batches(4, seed=2)
    for index in range(4):
        assert same(one(index), stored.batches(4, seed=1)(index))
        assert same(other(index), stored.batches(4, seed=2)(index))


def test_shards_are_equal(pair):
    for rank in range(2):
        stored, streamed = (source.batches(6, shard=Shard(rank, 2)) for source in pair)
        assert all(same(stored(index), streamed(index)) for index in range(3))


def test_real_and_held_out_samples_are_equal(pair):
    stored, streamed = pair
    for one, other in ((stored.real(7), streamed.real(7)), (stored.held_out(), streamed.held_out())):
        assert torch.equal(one.x, other.x)
        assert torch.equal(one.y, other.y)
    assert stored.spec == streamed.spec
    assert len(stored) == len(streamed)


def test_fingerprints_tell_other_files(photos):
    before = build("images", str(photos), memory=STREAMED).fingerprint()
    assert before == build("images", str(photos), memory=STREAMED).fingerprint()
    save_images(photos, ["cat/extra.png"], seed=1)
    assert before != build("images", str(photos), memory=STREAMED).fingerprint()


def test_fingerprints_tell_other_content_of_the_same_size(photos, tmp_path):
    """A bitmap's size says nothing of its pixels."""
    for file in photos.rglob("*.png"):
        Image.open(file).save(file.with_suffix(".bmp"))
        file.unlink()
    before = build("images", str(photos), memory=STREAMED).fingerprint()
    packed = save_zip(photos, tmp_path / "photos.zip", "all/")
    assert build("images", str(packed), memory=STREAMED).fingerprint() == before, "where it lies does not matter"
    raw = bytearray((photos / "cat" / "3.bmp").read_bytes())
    raw[-1] ^= 1
    (photos / "cat" / "3.bmp").write_bytes(raw)
    assert build("images", str(photos), memory=STREAMED).fingerprint() != before
    raw[-1] ^= 1
    (photos / "cat" / "3.bmp").write_bytes(raw)
    assert build("images", str(photos), memory=STREAMED, fit="pad").fingerprint() != before
    (photos / "cat").rename(photos / "yak")
    assert build("images", str(photos), memory=STREAMED).digest != build("images", str(packed), memory=STREAMED).digest


def test_streaming_is_told(photos):
    notes = build("images", str(photos), memory=STREAMED).notes
    assert notes == ("20 images would take 0.01 GiB: read while training (--data.memory 0.01 holds them)",)


def test_held_out_images_are_read_once_and_not_without_end(photos, monkeypatch):
    monkeypatch.setattr("saddlepoint.data._resident._LEAST_HELD", 4)
    source = build("images", str(photos), memory=STREAMED, held_out=0.5)
    held = source.held_out()
    assert held.x.shape[0] == held.y.shape[0] == 4
    for file in photos.rglob("*.png"):
        file.unlink()
    assert torch.equal(source.held_out().x, held.x)


def test_unlabelled_images_stream_too(tmp_path):
    save_images(tmp_path, [f"{i}.png" for i in range(6)])
    stored, streamed = (build("images", str(tmp_path), memory=m, held_out=0) for m in (STORED, STREAMED))
    assert same(stored.batches(4)(0), streamed.batches(4)(0))
    assert streamed.held_out() is None


def test_the_global_generator_is_left_alone(pair):
    before = torch.get_rng_state()
    pair[1].batches(4)(0)
    assert torch.equal(before, torch.get_rng_state())


def test_an_image_that_breaks_later_ends_in_one_line_and_no_worker(photos):
    batches = build("images", str(photos), memory=STREAMED, held_out=0).batches(20)
    (photos / "dog" / "4.png").write_bytes(b"broken")
    with pytest.raises(BadData, match=r"dog/4.png: is no image that can be read \(its format is not known\)") as met:
        batches(0)
    assert "\n" not in str(met.value)
    assert not workers()
    save_images(photos, ["dog/4.png"])
    assert batches(0)["x"].shape == (20, 3, 6, 8)


def test_workers_that_the_system_ends_are_one_line(photos):
    before = signal.getsignal(signal.SIGCHLD)
    batches = build("images", str(photos), memory=STREAMED).batches(4)
    batches(0)
    assert signal.getsignal(signal.SIGCHLD) == before, "nothing raises in the middle of a step"
    for worker in workers():
        worker.kill()
    with pytest.raises(BadData, match="a process that reads images ahead was ended by the system") as met:
        all(map(batches, range(1, 100)))
    assert "\n" not in str(met.value)
    assert not workers()
    assert batches(1)["x"].shape == (4, 3, 6, 8), "it may be tried again"


def test_workers_end_with_their_batches(photos):
    batches = build("images", str(photos), memory=STREAMED).batches(4)
    batches(0)
    assert workers()
    del batches
    gc.collect()
    assert not workers()


def test_workers_end_at_once_when_an_error_held_their_batches(photos):
    batches = build("images", str(photos), memory=STREAMED).batches(4)
    batches(0)
    cycle = [batches]
    cycle.append(cycle)
    del batches, cycle
    began = time.monotonic()
    gc.collect()
    assert not workers()
    assert time.monotonic() - began < 4


def workers() -> list[multiprocessing.Process]:
    return multiprocessing.active_children()


SCRIPT = """
import sys
import torch
from saddlepoint.data import build

if __name__ == "__main__":
    torch.multiprocessing.set_start_method(sys.argv[2])
    batches = build("images", sys.argv[1], memory=0.0).batches(4, seed=3)
    print(batches(0)["x"].double().sum().item(), batches(1)["x"].double().sum().item())
"""


@pytest.mark.parametrize("method", [m for m in ("fork", "spawn") if m in multiprocessing.get_all_start_methods()])
def test_every_way_to_start_workers_gives_the_same_and_ends_quietly_and_at_once(photos, tmp_path, method):
    (tmp_path / "stream.py").write_text(SCRIPT)
    command = [sys.executable, "-W", "error", str(tmp_path / "stream.py"), str(photos), method]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    if method == multiprocessing.get_start_method():
        assert done.stderr == "", "the way users meet; others may be cut off while they start"
    batches = build("images", str(photos)).batches(4, seed=3)
    assert done.stdout.split() == [str(batches(i)["x"].double().sum().item()) for i in range(2)]
    assert time.monotonic() - began < 60
