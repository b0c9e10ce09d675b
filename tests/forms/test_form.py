"""The forms of samples: which one a spec has, what is read of a command line, and samples that are asked for by it."""

import numpy as np
import pytest
import torch
from PIL import Image

from saddlepoint import load
from saddlepoint.forms import form_of
from saddlepoint.spec import Spec

PLANE, VECTOR, PICTURE, TEXT = Spec((2,)), Spec((3,)), Spec((1, 4, 6)), Spec((2,), words=("a", "red", "bird"))


@pytest.mark.parametrize(
    ("spec", "kinds", "given", "judged", "by"),
    [
        (PLANE, ("plane", "vector"), "given_numbers", "values", 1),
        (VECTOR, ("vector",), "given_numbers", "values", 1),
        (PICTURE, ("image",), "given_image", "classifier", 1),
        (Spec((3, 40, 9)), ("image64", "image"), "given_image", "classifier", 2),
        (Spec((3, 65, 9)), ("image128", "image"), "given_image", "classifier", 3),
        (TEXT, ("plane", "vector"), "given_text", "values", 1),
    ],
)
def test_what_a_form_says_of_itself(spec, kinds, given, judged, by):
    form = form_of(spec)
    assert (form.kinds, form.given, form.judged, form.shrunken_by(32)) == (kinds, given, judged, by)


def test_numbers_are_read_as_they_are_written_and_from_files(tmp_path):
    rows = torch.tensor([[0.5, -3.0], [1.0, 2.0]])
    np.save(tmp_path / "x.npy", rows.numpy())
    np.savez(tmp_path / "x.npz", x=rows.numpy())
    (tmp_path / "x.csv").write_text("0.5,-3\n1,2\n")
    (tmp_path / "headed.csv").write_text("a;b\n0.5;-3\n1;2\n")
    form = form_of(PLANE)
    assert torch.equal(form.read("0.5, -3"), rows[:1])
    for name in ("x.npy", "x.npz", "x.csv", "headed.csv"):
        assert torch.equal(form.read(str(tmp_path / name)), rows), name


def test_pictures_are_brought_to_what_is_wanted(tmp_path):
    Image.new("RGB", (12, 8), (100, 100, 100)).save(tmp_path / "a.png")
    Image.new("L", (6, 4), 100).save(tmp_path / "b.png")
    assert torch.allclose(form_of(PICTURE).read(str(tmp_path)), torch.full((2, 1, 4, 6), 100 / 255), atol=1e-3)


def test_texts_are_places_of_words():
    assert form_of(TEXT).read("red bird").tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("spec", "told", "words"),
    [
        (PLANE, "0.1,much", "--given '0.1,much': wanted numbers by commas, such as 0.1,3, or a .csv"),
        (PLANE, "head.csv", "has a head and no rows"),
        (PLANE, "bad.csv", "bad.csv, row 2: wanted numbers alone, got '3,x'"),
        (TEXT, "red brd", "word 'brd' is not known; did you mean 'bird'?"),
        (PICTURE, "none.png", "no such file or folder"),
        (PICTURE, "head.csv", "wanted pictures, such as .png"),
    ],
)
def test_what_cannot_be_read_is_refused(spec, told, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "head.csv").write_text("a,b\n")
    (tmp_path / "bad.csv").write_text("1,2\n3,x\n")
    with pytest.raises(ValueError, match=words.replace("?", r"\?")):
        form_of(spec).read(told)


NUMBERS = """
import torch
from saddlepoint.source import Drawn
from saddlepoint.spec import Spec

def numbers():
    '''Points around what is given.'''
    def draw(n, generator):
        y = torch.randn(n, 2, generator=generator)
        return y + 0.1 * torch.randn(n, 2, generator=generator), y
    return Drawn(Spec((2,), given=Spec((2,))), draw, identity={"name": "numbers"})
"""


def test_samples_of_what_is_given(saddle, refused, tmp_path):
    (tmp_path / "mine.py").write_text(NUMBERS)
    run, out = tmp_path / "run", tmp_path / "made.npy"
    told = ["--steps", 2, "--batch", 16, "--run.judge", 0, "--network.width", 8, "--run.threads", 1]
    assert saddle("train", f"{tmp_path}/mine.py:numbers", "--game", "gan", *told, "--out", run)[0] == 0
    assert "say --given, numbers by commas" in refused("sample", run, "--trust", "-o", out)
    assert "given: wanted 2 each, got 3" in refused("sample", run, "--trust", "--given", "1,2,3", "-o", out)
    assert saddle("sample", run, "--trust", "--given", "-1.5,3", "-n", 3, "-o", out)[0] == 0
    wanted = load(run, trust=True).sample(3, torch.tensor([[-1.5, 3.0]] * 3), seed=0)
    assert np.allclose(np.load(out), wanted)
    np.save(tmp_path / "rows.npy", np.zeros((5, 2)))
    assert saddle("sample", run, "--trust", "--given", tmp_path / "rows.npy", "-o", out)[0] == 0
    assert np.load(out).shape == (5, 2)


def test_what_is_asked_by_nothing_is_given_nothing(saddle, refused, tmp_path):
    told = ["--steps", 1, "--batch", 16, "--run.judge", 0, "--network.width", 8, "--run.threads", 1]
    assert saddle("train", "ring", *told, "--out", tmp_path / "run")[0] == 0
    assert "asked for by nothing but a label" in refused(
        "sample", tmp_path / "run", "--given", "1,2", "-o", tmp_path / "x.npy"
    )
