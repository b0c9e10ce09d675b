"""What is found to be translated, and which of it are the frames of one course."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from saddlepoint.data._inputs import found_at, sequences
from saddlepoint.data._shown import shown_at


def pictures(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (2, 2)).save(folder / name)
    return folder


def names_of(found):
    return [str(one.name) for one in found]


def test_pictures_of_a_models_size_are_found_in_the_same_places(tmp_path):
    folder = pictures(tmp_path / "in", "b.png", "deep/er/a.png", ".hidden.png")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as packed:
        for name in ("b.png", "deep/er/a.png"):
            packed.write(folder / name, name)
    np.save(tmp_path / "x.npy", np.zeros((2, 2, 2)))
    for path, names in (("in", ["b", "deep-er-a"]), ("in.zip", ["b", "deep-er-a"]), ("x.npy", ["x-00000", "x-00001"])):
        assert [one.name for one in shown_at([str(tmp_path / path)], (1, 2, 2))] == names


def test_folders_and_zips_are_searched_and_files_taken_alone(tmp_path):
    folder = pictures(tmp_path / "in", "b.png", "deep/er/a.jpg", ".hidden.png", "c.gif")
    (folder / "notes.txt").write_text("no picture")
    single = pictures(tmp_path, "single.bmp") / "single.bmp"
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as packed:
        packed.write(single, "zipped/d.bmp")
    found = found_at([str(folder), str(single), str(tmp_path / "z.zip")], tmp_path / "out")
    assert sorted(names_of(found)) == ["b.png", "c.gif", "deep/er/a.jpg", "single.bmp", "zipped/d.bmp"]
    assert all(one.read() for one in found)


def test_what_is_numbered_one_by_one_is_a_course_in_its_order(tmp_path):
    course = [f"f{number}.png" for number in range(8, 13)]
    gap, other = ["gap1.png", "gap3.png"], ["a/f8.png", "lone.png", "v2.final.png"]
    found = found_at([str(pictures(tmp_path / "in", *course, *gap, *other))], tmp_path / "out")
    found = [names_of(sequence) for sequence in sequences(found)]
    assert course in found
    assert sorted(name for names in found if names != course for name in names) == sorted([*gap, *other])
    assert all(len(names) == 1 for names in found if names != course)


def test_the_same_file_twice_is_translated_once(tmp_path):
    file = str(pictures(tmp_path, "a.png") / "a.png")
    assert len(found_at([file, file], tmp_path / "out")) == 1


@pytest.mark.parametrize(
    ("files", "told", "words"),
    [
        (["a.png", "a.jpg"], ["."], "would both be called a there; rename one"),
        (["x/a.png", "y/a.png"], ["x", "y"], "would both be called a there"),
        (["x/a.png"], ["x/b.png"], "no such file or folder"),
        (["x/a.png"], ["x/notes.txt"], "wanted pictures, such as .png"),
        (["x/a.png"], ["empty"], "holds no pictures"),
    ],
)
def test_refusals(files, told, words, tmp_path):
    pictures(tmp_path / "in", *files)
    (tmp_path / "in" / "empty").mkdir()
    if (tmp_path / "in" / "x").exists():
        (tmp_path / "in" / "x" / "notes.txt").write_text("")
    with pytest.raises(ValueError, match=words):
        found_at([str(tmp_path / "in" / path) for path in told], tmp_path / "out")


@pytest.mark.parametrize("out", ["in", "in/made", "in/deep/../made"])
def test_what_is_made_may_not_lie_where_it_would_be_given(out, tmp_path):
    folder = pictures(tmp_path / "in", "a.png", "deep/b.png")
    with pytest.raises(ValueError, match="where it would be given next time"):
        found_at([str(folder)], Path(tmp_path / out))
