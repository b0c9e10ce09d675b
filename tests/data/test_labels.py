"""Labels mean one thing: a name, or a place where no class is called by a number."""

from __future__ import annotations

import pytest

from saddlepoint.data._labels import left_out, named, numbered, of_training, places, printable
from saddlepoint.errors import BadData

LETTERS = ("1", "2", "3", "10")
PETS = ("cat", "dog", "owl")


@pytest.mark.parametrize(
    ("labels", "classes", "found"),
    [
        (["dog", "cat"], PETS, [1, 0]),
        (["0", "2"], PETS, [0, 2]),
        (["1", "10"], LETTERS, [0, 3]),
        (["1", "2"], LETTERS, [0, 1]),
        (["7"], ("7",), [0]),
        (["1"], ("1", "cat"), [0]),
    ],
)
def test_what_a_label_means_is_told_by_the_classes(labels, classes, found):
    assert places(labels, classes, "a.npz") == found


@pytest.mark.parametrize(
    ("labels", "classes", "words"),
    [
        (["0", "1"], LETTERS, "a.npz: label '0' is not known; did you mean '10'"),
        (["1", "11"], LETTERS, "a.npz: label '11' is not known; did you mean"),
        (["3"], PETS, "a.npz: label '3' is not known; there are: 0, 1, 2"),
        (["-1"], PETS, "a.npz: label '-1' is not known"),
        (["dgo"], PETS, "a.npz: label 'dgo' is not known; did you mean 'dog'?"),
        (["dog", "1"], PETS, "a.npz: label '1' is not known"),
        (["01"], LETTERS, "a.npz: label '01' is not known; did you mean '1'?"),
    ],
)
def test_a_label_that_is_no_class_is_refused_with_the_nearest(labels, classes, words):
    with pytest.raises(BadData) as met:
        places(labels, classes, "a.npz")
    assert words in str(met.value)


@pytest.mark.parametrize(
    ("classes", "made"),
    [
        (("0", "1", "10"), [0, 1, 10]),
        (("-1", "0"), [-1, 0]),
        (("00", "01"), ["00", "01"]),
        (("1", "cat"), ["1", "cat"]),
        (("9" * 30, "1"), ["9" * 30, "1"]),
    ],
)
def test_names_of_classes_are_written_as_they_are_read(classes, made):
    assert named(classes) == made
    assert tuple(str(name) for name in made) == classes


def test_held_out_labels_that_training_lacks_are_left_out():
    assert of_training(["a", "b", "a", "c", None], [False, False, True, True, True]) == [True, True, True, False, False]
    assert of_training([None, None], [False, True]) == [True, True]
    assert left_out(1) == "1 held-out image has no class that training holds: left out"


def test_numbers_of_any_length_are_in_order():
    long = "7" * 5000
    assert numbered([long, "10", "9"])[0][-2:] == ("9", "10") or numbered([long, "10", "9"])[0][:2] == ("9", "10")


@pytest.mark.parametrize("name", ["a\x1b[31m", "a\nb", "caf\udce9", "\x9b"])
def test_classes_that_cannot_be_shown_are_refused(name):
    with pytest.raises(BadData, match="has characters that cannot be shown; rename it"):
        printable(["cat", name], "photos")
    printable(["猫", "a b", "\N{NO-BREAK SPACE}é", "👩‍🚀"], "photos")
