"""`saddle sample`: nearer to the middle, into single files, as a walk."""

import numpy as np
import pytest
from PIL import Image

from saddlepoint import load
from saddlepoint.latent._truncation import truncated
from saddlepoint.runs.samples import folders_of
from tests.latent.test_command import TINY, pixels, run  # noqa: F401


def test_truncated_samples_are_those_of_the_truncated_model(run, saddle, tmp_path):  # noqa: F811
    for told, options in ((["--truncation", 0.5], {"psi": 0.5}), (["--threshold", 0.7], {"threshold": 0.7})):
        assert saddle("sample", run, "-n", 5, "--label", 3, *told, "-o", tmp_path / "x.npy")[0] == 0
        expected = truncated(load(run), **options).sample(5, 3, seed=0)
        assert np.allclose(np.load(tmp_path / "x.npy"), expected.numpy(), atol=1e-6)
    assert saddle("sample", run, "-n", 5, "--truncation", 1, "-o", tmp_path / "one.npy")[0] == 0
    assert saddle("sample", run, "-n", 5, "-o", tmp_path / "as-it-is.npy")[0] == 0
    assert np.allclose(np.load(tmp_path / "one.npy"), np.load(tmp_path / "as-it-is.npy"), atol=1e-6)


def test_a_folder_gets_a_picture_of_each_that_is_read_back_with_its_class(run, saddle, refused, tmp_path):  # noqa: F811
    out = tmp_path / "files"
    assert saddle("sample", run, "-n", 60, "--seed", 3, "-o", f"{out}/")[0] == 0
    assert saddle("sample", run, "-n", 60, "--seed", 3, "-o", tmp_path / "all.npz")[0] == 0
    arrays = np.load(tmp_path / "all.npz")
    files = sorted(out.rglob("*.png"), key=lambda file: file.name)
    assert [file.name for file in files] == [f"{number:02}.png" for number in range(60)]
    for file, x, y in zip(files, arrays["x"], arrays["y"], strict=True):
        assert file.parent.name == str(y)
        assert np.abs(pixels(file) - x[0] * 255).max() <= 0.51
    assert "something is there already; name a folder that is new or empty" in refused("sample", run, "-o", f"{out}/")
    status, _, err = saddle("train", out, *TINY, "--steps", 2, "--batch", 4, "--out", tmp_path / "again")
    assert (status, err) == (0, ""), err
    assert load(tmp_path / "again").spec.classes


@pytest.mark.parametrize(
    ("classes", "folders"),
    [(("a", "b"), ["a", "b"]), (("a/b", "c"), ["0", "1"]), (("..", "c"), ["0", "1"]), (("x\0", "c"), ["0", "1"])],
)
def test_a_class_that_is_no_name_of_a_folder_is_called_by_its_place(classes, folders):
    assert list(folders_of(classes)) == folders


def test_a_walk_passes_the_samples_and_comes_back(run, saddle, refused, tmp_path):  # noqa: F811
    assert saddle("sample", run, "-n", 3, "--label", 2, "-o", tmp_path / "walk.gif")[0] == 0
    with Image.open(tmp_path / "walk.gif") as walk:
        assert walk.n_frames == 36
        frames = []
        for frame in range(36):
            walk.seek(frame)
            frames.append(np.asarray(walk.convert("L"), np.int16))
    steps = [np.abs(a - b).mean() for a, b in zip(frames, frames[1:] + frames[:1], strict=True)]
    assert max(steps) < 0.5 * np.abs(frames[0] - frames[12]).mean(), "from each frame to the next is a short way"
    assert "a walk stays within a class; say --label, one of 0, 1" in refused("sample", run, "-o", tmp_path / "w.gif")
    assert "-n: wanted at least 2 samples, got 1" in refused("sample", run, "-n", 1, "-o", tmp_path / "w.gif")
    assert not (tmp_path / "w.gif").exists()


def test_points_are_not_walked_past(saddle, refused, tmp_path):
    told = ["--run.threads", 1, "--run.judge", 0, "--watch.share", 0, "--steps", 2, "--network.width", 8]
    assert saddle("train", "moons", *told, "--out", tmp_path / "run")[0] == 0
    assert "only pictures can be walked past" in refused("sample", tmp_path / "run", "-o", tmp_path / "w.gif")
    assert "only pictures go into a folder of files" in refused("sample", tmp_path / "run", "-o", f"{tmp_path}/f/")
    assert saddle("sample", tmp_path / "run", "--truncation", 0, "-n", 9, "-o", tmp_path / "x.npy")[0] == 0
    found = np.unique(np.load(tmp_path / "x.npy").round(4), axis=0)
    assert len(found) <= 2, "at 0 all of a class are one"
