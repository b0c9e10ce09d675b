"""Folders that are sets, by the names that people give them."""

from __future__ import annotations

import pytest

from saddlepoint.data import build
from saddlepoint.data._splits import part_of
from saddlepoint.errors import BadData
from tests.data.conftest import save_images, save_zip


def tree(folder, names, count=2):
    """Images in each of the folders `names`."""
    return save_images(folder, [f"{name}/{name[-1].strip('.')}{i}.png" for name in names for i in range(count)])


def load(folder, **options):
    return build("images", str(folder), **options)


@pytest.mark.parametrize(
    ("name", "kind", "rest"),
    [
        ("train", "train", ""),
        ("Training", "train", ""),
        ("TRAIN", "train", ""),
        ("trn", "train", ""),
        ("train_set", "train", ""),
        ("trainset", "train", ""),
        ("training_images", "train", ""),
        ("train2017", "train", ""),
        ("seg_train", "train", "seg"),
        ("trainA", "train", "A"),
        ("Train-Cats", "train", "Cats"),
        ("Testing", "held", ""),
        ("test1", "held", ""),
        ("val", "held", ""),
        ("Valid", "held", ""),
        ("validation_set", "held", ""),
        ("dev", "held", ""),
        ("eval", "held", ""),
        ("held-out", "held", ""),
        ("hold_out", "held", ""),
        ("holdout", "held", ""),
        ("unlabelled", "unlabelled", ""),
        ("unlabeled", "unlabelled", ""),
    ],
)
def test_names_of_sets(name, kind, rest):
    assert part_of(name) == (kind, rest)


@pytest.mark.parametrize("name", ["cat", "trains", "contest", "set", "images", "Latest", "training_test", "устав", "1"])
def test_other_names(name):
    assert part_of(name) is None


@pytest.mark.parametrize(
    ("train", "held"),
    [("Training", "Testing"), ("train", "dev"), ("TRAIN", "TEST"), ("seg_train", "seg_test"), ("train2017", "val2017")],
)
@pytest.mark.parametrize("wrapped", ["", "all/"])
def test_sets_are_told_apart(tmp_path, train, held, wrapped):
    tree(tmp_path, [f"{wrapped}{part}/{kind}" for part in (train, held) for kind in "ab"])
    source = load(tmp_path)
    assert source.spec.classes == ("a", "b")
    assert (len(source), len(source.held_out().x)) == (4, 4)
    assert source.notes == ()
    assert load(save_zip(tmp_path, tmp_path.parent / "sets.zip")).fingerprint() == source.fingerprint()


def test_folders_that_wrap_all_inside_sets_do_not_matter(tmp_path):
    source = load(tree(tmp_path, [f"{part}/images/{kind}" for part in ("train", "test") for kind in "ab"]))
    assert source.spec.classes == ("a", "b")
    assert len(source.held_out().x) == 4


def test_sets_may_lie_in_folders_called_as_they_are(tmp_path):
    names = [f"{part}/{part}/{kind}" for part in ("training_set", "test_set") for kind in "ab"]
    source = load(tree(tmp_path, names))
    assert source.spec.classes == ("a", "b")
    assert len(source.held_out().x) == 4


def test_where_nothing_held_out_has_a_class_a_share_is_held_out(tmp_path):
    source = load(tree(tmp_path, ["train/a", "train/b", "test1"]), held_out=0.5)
    assert (len(source), len(source.held_out().x)) == (2, 2)
    assert source.notes == ("2 held-out images have no class that training holds: left out",)


def test_classes_may_hold_the_sets(tmp_path):
    source = load(tree(tmp_path, [f"{kind}/{part}" for part in ("train", "test") for kind in "ab"]))
    assert source.spec.classes == ("a", "b")
    assert (len(source), len(source.held_out().x)) == (4, 4)


def test_unpaired_domains_are_classes(tmp_path):
    source = load(tree(tmp_path, ["trainA", "trainB", "testA", "testB"]))
    assert source.spec.classes == ("A", "B")
    assert source.held_out().y.tolist() == [0, 0, 1, 1]
    (tmp_path / "train").mkdir()
    for name in ("trainA", "trainB"):
        (tmp_path / name).rename(tmp_path / "train" / name)
    source = load(tmp_path / "train")
    assert source.spec.classes == ("A", "B")


@pytest.mark.parametrize("wrapped", ["", "all/"])
def test_unlabelled_images_are_left_out_and_told(tmp_path, wrapped):
    tree(tmp_path, [f"{wrapped}{name}" for name in ("train/a", "train/b", "test/a", "unlabelled")])
    source = load(tmp_path)
    assert source.spec.classes == ("a", "b")
    assert (len(source), len(source.held_out().x)) == (4, 2)
    assert source.notes == ("2 images in a folder called unlabelled: left out",)
    assert len(load(tmp_path / wrapped / "unlabelled", held_out=0)) == 2


def test_held_out_images_without_a_class_are_left_out_and_told(tmp_path):
    tree(tmp_path, ["train/a", "train/b", "test/a", "test"])
    source = load(tmp_path)
    assert len(source.held_out().x) == 2
    assert source.notes == ("2 held-out images have no class that training holds: left out",)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["train", "test", "tram"], "test, train are called as sets to train on and to hold out, but what tram is"),
        (["train", "train_masks", "test"], "but what test, train, train_masks is beside them cannot be told"),
        (["test", "val"], "test, val are called as sets to hold out, and none to train on; give one of them"),
    ],
)
def test_sets_that_cannot_be_told_from_classes_are_refused(tmp_path, names, words):
    with pytest.raises(BadData, match=words):
        load(tree(tmp_path, names))


@pytest.mark.parametrize("names", [["test", "."], ["train", "."], ["a", "train", "."]])
@pytest.mark.parametrize("labels", ["folders", "none"])
def test_images_beside_sets_are_refused(tmp_path, names, labels):
    with pytest.raises(BadData, match=r"images lie beside the folders .*; move them into one or out of the way"):
        load(tree(tmp_path, names), labels=labels)


def test_a_class_that_is_called_as_a_set_is_told(tmp_path):
    source = load(tree(tmp_path, ["train", "bus", "car"]))
    assert source.spec.classes == ("bus", "car", "train")
    assert source.notes == ("the folder train may be a set by name: taken for a class",)
    assert load(tmp_path, labels="none").notes == ()


def test_one_folder_called_as_a_set_is_all_there_is(tmp_path):
    assert load(tree(tmp_path, ["test/a", "test/b"])).spec.classes == ("a", "b")
    assert len(load(tmp_path / "test" / "a", held_out=0)) == 2
