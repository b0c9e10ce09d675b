"""MNIST's file format."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from saddlepoint.data import build
from saddlepoint.errors import BadData
from tests.data.conftest import save_idx

X = np.random.default_rng(0).integers(0, 256, (30, 4, 6), dtype=np.uint8)
Y = (np.arange(30) % 3).astype(np.uint8)


def load(path, **options):
    return build("idx", str(path), **options)


@pytest.fixture
def folder(tmp_path):
    save_idx(tmp_path / "train-images-idx3-ubyte", X)
    save_idx(tmp_path / "train-labels-idx1-ubyte", Y)
    return tmp_path


def test_a_folder_with_held_out_images(folder):
    save_idx(folder / "t10k-images-idx3-ubyte.gz", X[:4] // 2)
    save_idx(folder / "t10k-labels-idx1-ubyte.gz", np.array([0, 1, 2, 1], np.uint8))
    source = load(folder)
    assert source.spec.shape == (1, 4, 6)
    assert source.spec.classes == ("0", "1", "2")
    assert source.spec.shares == (1 / 3, 1 / 3, 1 / 3)
    assert len(source) == 30
    held = source.held_out()
    assert held.y.tolist() == [0, 1, 2, 1]
    assert np.allclose(held.x[:, 0] * 255, X[:4] // 2, atol=1e-3)


@pytest.mark.parametrize(("labels", "classes"), [(1 + Y, ("1", "2", "3")), (Y * 5, ("0", "5", "10"))])
def test_classes_are_the_labels_that_are_there(folder, labels, classes):
    save_idx(folder / "train-labels-idx1-ubyte", labels)
    source = load(folder, held_out=0)
    assert source.spec.classes == classes
    shown = source.real(30)
    index = [int((np.asarray((x[0] * 255).round().byte()) == X).all((1, 2)).argmax()) for x in shown.x]
    assert [classes[y] for y in shown.y] == [str(labels[i]) for i in index]


def test_held_out_images_of_a_class_that_training_lacks_are_left_out_and_told(folder):
    save_idx(folder / "val-images-idx3-ubyte", X[:4])
    save_idx(folder / "val-labels-idx1-ubyte", np.array([0, 9, 2, 9], np.uint8))
    source = load(folder)
    assert source.spec.classes == ("0", "1", "2")
    assert source.held_out().y.tolist() == [0, 2]
    assert source.notes == ("2 held-out images have no class that training holds: left out",)


def test_a_folder_without_held_out_images_parts_with_some(folder):
    source = load(folder, held_out=0.2)
    assert (len(source), len(source.held_out().x)) == (24, 6)
    assert source.spec.classes == ("0", "1", "2")
    assert source.notes == ()


def test_a_file_alone_is_read_with_the_labels_beside_it(folder):
    assert load(folder / "train-images-idx3-ubyte").fingerprint() == load(folder).fingerprint()
    (folder / "train-labels-idx1-ubyte").unlink()
    source = load(folder / "train-images-idx3-ubyte")
    assert source.spec.classes == ()
    assert source.notes[0].startswith("no file of labels lies beside")


def test_any_name_and_gzip_will_do_for_a_file(tmp_path):
    source = load(save_idx(tmp_path / "digits.gz", X), held_out=0)
    assert np.allclose(np.sort(source.real(30).x.flatten() * 255), np.sort(X.flatten()), atol=1e-3)


def test_the_plain_file_goes_before_the_gzipped(folder):
    (folder / "train-images-idx3-ubyte.gz").write_bytes(b"left over from an interrupted download")
    assert len(load(folder, held_out=0)) == 30


def test_names_with_dots_are_known(tmp_path):
    save_idx(tmp_path / "train-images.idx3-ubyte", X)
    save_idx(tmp_path / "train-labels.idx1-ubyte", Y)
    assert load(tmp_path).spec.classes == ("0", "1", "2")


def raw(values) -> bytes:
    return bytes((0, 0, 8, values.ndim)) + np.array(values.shape, ">u4").tobytes() + values.tobytes()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "train-images-idx3-ubyte: is no idx file of bytes, it starts with nothing"),
        (b"\x89PNG....", "is no idx file of bytes, it starts with 89 50 4e 47"),
        (b"\0\0\x0d\x03" + raw(X)[4:], "is no idx file of bytes, it starts with 00 00 0d 03"),
        (raw(Y), "wanted images of rank 3, got rank 1; give the file of the images"),
        (raw(X)[:-5], "wanted 720 bytes of images, got 715; get it anew"),
        (raw(X) + b"\0", "wanted 720 bytes of images, got more"),
        (raw(X)[:9], "is cut short, 9 bytes from its start"),
        (raw(X[:0]), "holds no images"),
    ],
)
def test_damaged_files_are_named(folder, content, words):
    (folder / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(BadData, match=words):
        load(folder)


def test_damaged_gzip_is_named(folder):
    (folder / "train-images-idx3-ubyte").unlink()
    file = save_idx(folder / "train-images-idx3-ubyte.gz", X)
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(BadData, match=r"train-images-idx3-ubyte.gz: cannot be read \(.+\); get the file anew"):
        load(folder)
    file.write_bytes(b"no gzip")
    with pytest.raises(BadData, match=r"cannot be read \(Not a gzipped file"):
        load(folder)
    packed = bytearray(gzip.compress(raw(X)))
    packed[50:60] = b"\xff" * 10
    file.write_bytes(packed)
    with pytest.raises(BadData, match=r"train-images-idx3-ubyte.gz: cannot be read"):
        load(folder)


def test_labels_that_do_not_fit_are_refused(folder):
    save_idx(folder / "train-labels-idx1-ubyte", Y[:-1])
    with pytest.raises(BadData, match=r"train-labels-idx1-ubyte: wanted 30 labels, one for each image in .*, got 29"):
        load(folder)


def test_held_out_images_that_do_not_fit_are_refused(folder):
    save_idx(folder / "t10k-images-idx3-ubyte", X[:, :3])
    with pytest.raises(BadData, match="t10k-images-idx3-ubyte: wanted images of 4x6 as in training, got 3x6"):
        load(folder)
    save_idx(folder / "t10k-images-idx3-ubyte", X)
    with pytest.raises(BadData, match="t10k-images-idx3-ubyte: has no labels beside it"):
        load(folder)


def test_a_folder_of_several_sets_asks_for_one(folder):
    save_idx(folder / "emnist-train-images-idx3-ubyte", X)
    with pytest.raises(BadData, match=r"several files of images to train on, emnist-train-.*; give one of them"):
        load(folder)
    for file in folder.glob("*train*"):
        file.unlink()
    save_idx(folder / "t10k-images-idx3-ubyte", X)
    with pytest.raises(BadData, match="holds no train-images-idx3-ubyte"):
        load(folder)


def test_fashion_mnist_loads(real_data):
    source = load(real_data / "FashionMNIST")
    assert source.spec.shape == (1, 28, 28)
    assert source.spec.classes == tuple("0123456789")
    assert source.spec.shares == (0.1,) * 10
    assert (len(source), len(source.held_out().x)) == (60_000, 10_000)
    assert float(source.real(5000).x.mean()) == pytest.approx(0.286, abs=0.01)
