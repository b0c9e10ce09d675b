"""Files from strangers: nothing that waits, nothing that never ends, nothing that unpacks without bounds."""

from __future__ import annotations

import gzip
import io
import os
import socket
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from saddlepoint.data import _files, build
from saddlepoint.data._files import Files, contents, existing
from saddlepoint.data._open import reader_of
from saddlepoint.errors import BadData
from saddlepoint.machine import room
from tests.data.conftest import save_idx, save_images, save_zip

BIG = b"\0" * (2**20 + 1)


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def listening(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
    return path


@pytest.fixture(params=["a pipe", "a device", "a socket"])
def special(request, tmp_path, monkeypatch):
    """Puts a thing that is no regular file at a name, and says what it is."""
    monkeypatch.chdir(tmp_path)
    makers = {"a pipe": pipe, "a device": lambda path: path.symlink_to("/dev/zero"), "a socket": listening}

    def make(name: str) -> str:
        makers[request.param](Path(name))
        return request.param

    return make


@pytest.mark.parametrize("name", ["photos.zip", "a.npy", "a.npz", "t.csv", "t.csv.gz", "x-idx3-ubyte", "digits"])
def test_data_is_a_regular_file(special, name):
    kind = special(name)
    with pytest.raises(BadData, match=f"{name}: wanted a regular file, got {kind}; remove or replace it"):
        reader_of(name)


def test_a_picture_is_a_regular_file(special, photos):
    kind = special(str(photos / "cat" / "99.png"))
    with pytest.raises(BadData, match=f"cat/99.png: wanted a regular file, got {kind}"):
        build("images", str(photos))


def test_labels_are_in_a_regular_file(special, photos, tmp_path):
    kind = special("labels.csv")
    with pytest.raises(BadData, match=f"labels.csv: wanted a regular file, got {kind}"):
        build("images", str(photos), labels="labels.csv")
    special(str(tmp_path / "train-images-idx3-ubyte"))
    with pytest.raises(BadData, match=f"train-images-idx3-ubyte: wanted a regular file, got {kind}"):
        build("idx", str(tmp_path))


def test_links_are_followed_to_files_and_folders(photos, tmp_path):
    (tmp_path / "linked").mkdir()
    for kind in ("cat", "dog"):
        (tmp_path / "linked" / kind).symlink_to(photos / kind)
    assert build("images", str(tmp_path / "linked")).digest == build("images", str(photos)).digest
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.png").symlink_to(photos / "cat" / "0.png")
    assert len(build("images", str(tmp_path / "one"))) == 1


@pytest.mark.parametrize("target", [".", "..", "cat"])
def test_a_folder_that_links_lead_to_twice_is_refused_by_name(photos, target):
    (photos / "again").symlink_to(photos / target)
    with pytest.raises(BadData, match=r" and .* are one folder, because of a link; remove one of them"):
        build("images", str(photos))


def test_a_linked_class_that_is_gone_is_refused_by_name(photos):
    (photos / "bird").symlink_to(photos.parent / "gone")
    with pytest.raises(BadData, match=r"photos/bird: cannot be read \(.*No such file.*remove or replace it"):
        build("images", str(photos))


@pytest.mark.parametrize("path", ["a\0b", "n" * 300, "~nobody-of-this-name/x"])
def test_a_path_that_cannot_be_one_is_refused(path):
    with pytest.raises(BadData, match=r"wanted the path of a file or folder \("):
        existing(path)
    with pytest.raises(BadData, match=r"wanted the path of a file or folder \("):
        build("images", np.zeros((3, 4, 4)))


def test_a_link_that_leads_to_itself_is_refused(tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / "a.csv")
    with pytest.raises(BadData, match=r"a.csv'?: wanted the path of a file or folder \(.*[Ll]ink"):
        existing(str(tmp_path / "a.csv"))


def test_what_unpacks_to_more_than_its_kind_may_hold_is_refused(tmp_path, monkeypatch):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"1,2\n" * 100_000))
    monkeypatch.setattr("saddlepoint.data._cells.contents", lambda file: contents(file, 1000))
    with pytest.raises(BadData, match=r"t.csv.gz: wanted at most 0 MiB, got more; make it smaller"):
        build("table", str(tmp_path / "t.csv.gz"))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_picture_that_unpacks_to_gigabytes_is_refused(tmp_path, method, monkeypatch):
    monkeypatch.setattr("saddlepoint.data._kept.PICTURE", 2**20)
    if method == zipfile.ZIP_STORED:
        with (tmp_path / "a.png").open("wb") as file:
            file.truncate(2**40)
        path = tmp_path
    else:
        path = tmp_path / "bomb.zip"
        with zipfile.ZipFile(path, "w", method) as packed:
            packed.writestr("a.png", BIG)
    with pytest.raises(BadData, match=r"a.png: wanted at most 1 MiB, got more; make it smaller"):
        build("images", str(path))


def test_a_zip_that_lies_about_its_sizes_is_refused(tmp_path):
    file = tmp_path / "liar.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.png", BIG)
    size = len(BIG).to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(BadData, match=r"liar.zip/a.png: cannot be read \(Bad CRC"):
        build("images", str(file))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_cannot_be_bounded_is_refused(photos, tmp_path, method):
    with zipfile.ZipFile(tmp_path / "p.zip", "w", method) as packed:
        packed.write(photos / "cat" / "0.png", "0.png")
    with pytest.raises(BadData, match=r"p.zip/0.png: cannot be read \(it is packed by another method than deflate"):
        build("images", str(tmp_path / "p.zip"))
    np.savez(tmp_path / "a.npz", x=np.zeros((9, 2)))
    with zipfile.ZipFile(tmp_path / "b.npz", "w", method) as packed:
        packed.writestr("x.npy", zipfile.ZipFile(tmp_path / "a.npz").read("x.npy"))
    with pytest.raises(BadData, match=r"b.npz: .*packed by another method than deflate"):
        build("arrays", str(tmp_path / "b.npz"))


def claims(shape: tuple[int, ...], dtype: str = "|u1") -> bytes:
    """A .npy file that says it holds an array of `shape`, and holds a few bytes."""
    made = io.BytesIO()
    np.lib.format.write_array_header_1_0(made, {"descr": dtype, "fortran_order": False, "shape": shape})
    return made.getvalue() + b"\0" * 64


@pytest.mark.parametrize("shape", [(2**43,), (10**6, 10**6, 10), (2**62, 2**62), (2**31, 4)])
def test_an_array_that_claims_terabytes_is_refused(tmp_path, shape):
    (tmp_path / "a.npy").write_bytes(claims(shape))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as packed:
        packed.writestr("x.npy", claims(shape))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(BadData, match=f"{name}: is no whole file of NumPy's"):
            build("arrays", str(tmp_path / name))


def test_what_does_not_fit_in_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "left", lambda: 2**20)
    np.save(tmp_path / "a.npy", np.zeros((900_000,), np.uint8))
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((900_000,), np.uint8))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(BadData, match=rf"{name}.*: takes 0.0 GiB of memory to read, and there are 0.0 GiB"):
            build("arrays", str(tmp_path / name))
    file = save_idx(tmp_path / "d-images-idx3-ubyte.gz", np.zeros((90, 100, 100), np.uint8))
    with pytest.raises(BadData, match=r"ubyte.gz: takes .* take a part of it"):
        build("idx", str(file))


def test_there_is_memory():
    assert 2**28 < room.left() < 2**50


def test_a_picture_of_absurd_size_is_refused(tmp_path):
    made = io.BytesIO()
    Image.new("1", (1, 1)).save(made, "png")
    raw = bytearray(made.getvalue())
    raw[16:24] = (40_000).to_bytes(4, "big") * 2
    raw[29:33] = zlib.crc32(raw[12:29]).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(raw)
    with pytest.raises(BadData, match=r"a.png: is no image that can be read \(Image size .* exceeds limit"):
        build("images", str(tmp_path))
    (tmp_path / "a.png").unlink()
    (tmp_path / "a.pgm").write_bytes(b"P5 10000 9000 255\n" + b"\0" * 100)
    with pytest.raises(BadData, match=r"a.pgm: wanted at most 89,478,485 pixels, got 9000x10000; make it smaller"):
        build("images", str(tmp_path))


def test_postscript_is_no_picture(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / "a.png")
    with pytest.raises(BadData, match=r"a.png: is no image that can be read \(its format is not known\)"):
        build("images", str(tmp_path))


def test_folders_without_end_are_refused(photos, tmp_path):
    with zipfile.ZipFile(tmp_path / "deep.zip", "w") as packed:
        packed.write(photos / "cat" / "0.png", "d/" * 5000 + "0.png")
    with pytest.raises(BadData, match=r"deep.zip: 0.png lies 5001 folders deep; wanted at most 100"):
        build("images", str(tmp_path / "deep.zip"))


def test_a_table_beside_the_images_may_be_packed(photos, tmp_path):
    rows = "".join(f"{kind}/{i + start}.png,{kind}\n" for start, kind in enumerate(("cat", "dog")) for i in range(10))
    (photos / "labels.csv.gz").write_bytes(gzip.compress(rows.encode()))
    assert build("images", str(photos), labels="labels.csv.gz").spec.classes == ("cat", "dog")


@pytest.mark.parametrize("below", ["./", "/", "set//", "set/./"])
def test_names_in_a_zip_may_be_written_in_any_way(below, photos, tmp_path):
    made = build("images", str(save_zip(photos, tmp_path / "photos.zip", below)))
    assert made.spec.classes == ("cat", "dog")
    assert torch.equal(made.real(100).x, build("images", str(photos)).real(100).x)


def test_names_in_a_zip_from_windows(photos, tmp_path):
    with zipfile.ZipFile(tmp_path / "w.zip", "w") as packed:
        for file in photos.rglob("*.png"):
            info = zipfile.ZipInfo("x")
            info.filename = f"set\\{file.parent.name}\\{file.name}"
            packed.writestr(info, file.read_bytes())
        empty = zipfile.ZipInfo("x")
        empty.filename = "set\\bird\\"
        packed.writestr(empty, b"")
    source = build("images", str(tmp_path / "w.zip"))
    assert source.fingerprint() == build("images", str(photos)).fingerprint()
    assert source.notes == ()


def test_files_may_have_names_that_are_no_text_but_classes_may_not(photos, tmp_path):
    (photos / "cat" / "0.png").rename(os.fsdecode(os.fsencode(photos / "cat") + b"/caf\xe9.png"))
    assert len(build("images", str(photos), held_out=0)) == 20
    os.rename(photos / "dog", os.fsencode(photos) + b"/caf\xe9")
    with pytest.raises(BadData, match=r"the class 'caf\\udce9' has characters that cannot be shown; rename it"):
        build("images", str(photos))


def test_what_is_sent_to_another_process_has_no_list(photos):
    assert Files(photos).__getstate__()["names"] == []


def test_a_folder_that_cannot_be_listed_is_named(photos, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(_files.os, "scandir", refuse)
    with pytest.raises(BadData, match=r"photos: cannot be read \(.*Permission denied.*; remove or replace it"):
        Files(photos)


def test_many_files_are_listed_without_opening_them(tmp_path):
    save_images(tmp_path, ["a.png"])
    (tmp_path / ".lock").symlink_to("nobody@nowhere")
    pipe(tmp_path / "control")
    assert build("images", str(tmp_path)).notes == ("2 files are no image: ignored",)
