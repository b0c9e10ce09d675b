"""`saddle translate`: files, folders, arrays and animations through runs of each kind, and what it refuses."""

import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from saddlepoint import load, translated
from saddlepoint.cli.app import main

TINY = ["--steps", 2, "--batch", 4, "--run.judge", 0, "--network.width", 4, "--run.threads", 1, "--watch.samples", 16]
RUNS = {
    "pairs": ["pairs", "--game", "pix2pix", "--network", "srresnet"],
    "domains": ["domains", "--game", "cyclegan", "--network", "unet"],
    "one_way": ["domains", "--game", "cut", "--network", "unet"],
    "holes": ["domains", "--data.labels", "none", "--task", "hole", "--game", "pix2pix", "--network", "unet"],
    "plain": ["digits", "--network", "dcgan"],
}


def noise(file, size, seed=0):
    """A smooth picture of noise, of `size` (height, width)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC).save(file)
    return file


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with a trained run of each kind."""
    top = tmp_path_factory.mktemp("runs")
    for i in range(20):
        noise(top / "pairs" / "A" / f"{i}.png", (8, 6), seed=i)
        noise(top / "pairs" / "B" / f"{i}.png", (16, 12), seed=i)
        noise(top / "domains" / ("trainA", "trainB")[i % 2] / f"{i}.png", (16, 16), seed=i)
    for name, (data, *told) in RUNS.items():
        data = data if data == "digits" else str(top / data)
        arguments = ["train", data, *map(str, [*told, *TINY]), "--out", str(top / "runs" / name)]
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0, arguments
    return top / "runs"


def size_of(file):
    with Image.open(file) as image:
        return image.size


def read(file):
    with Image.open(file) as image:
        pixels = torch.tensor(np.asarray(image)) / 255
    return pixels.permute(2, 0, 1)[None] if pixels.dim() == 3 else pixels[None, None]


def test_a_picture_of_the_trained_size_is_what_the_model_makes_of_it(runs, saddle, tmp_path):
    file = noise(tmp_path / "a.bmp", (8, 6))
    status, out, _ = saddle("translate", runs / "pairs", file, "-o", tmp_path / "out")
    assert (status, out) == (0, f"1 of 1 translated: {tmp_path / 'out'}\n")
    model = load(runs / "pairs")
    assert torch.allclose(read(tmp_path / "out" / "a.png"), model.translate(read(file)), atol=0.6 / 255)
    assert torch.allclose(translated(model, read(file)), model.translate(read(file)))


def test_folders_keep_their_structure_and_pictures_their_sizes(runs, saddle, tmp_path):
    noise(tmp_path / "in" / "large.jpg", (50, 37))
    noise(tmp_path / "in" / "deep" / "small.png", (3, 2))
    assert saddle("translate", runs / "pairs", tmp_path / "in", "-o", tmp_path / "out")[0] == 0
    assert size_of(tmp_path / "out" / "large.png") == (74, 100), "twice as large, as it was trained"
    assert size_of(tmp_path / "out" / "deep" / "small.png") == (4, 6)
    assert saddle("translate", runs / "pairs", tmp_path / "in", "-o", tmp_path / "all", "--fit", "resize")[0] == 0
    assert size_of(tmp_path / "all" / "large.png") == (12, 16), "the trained size"


def test_arrays_become_arrays(runs, saddle, tmp_path):
    given = np.random.default_rng(0).random((3, 8, 6, 3), dtype=np.float32)
    np.save(tmp_path / "x.npy", given)
    np.savez(tmp_path / "y.npz", x=(given * 255).astype(np.uint8))
    assert saddle("translate", runs / "pairs", tmp_path / "x.npy", tmp_path / "y.npz", "-o", tmp_path / "out")[0] == 0
    wanted = load(runs / "pairs").translate(torch.tensor(given).permute(0, 3, 1, 2))
    assert np.allclose(np.load(tmp_path / "out" / "x.npy"), wanted, atol=1e-5)
    assert np.allclose(np.load(tmp_path / "out" / "y.npy"), wanted, atol=0.1)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_animations_are_turned_frame_by_frame_and_last_as_long(suffix, runs, saddle, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    frames = [Image.fromarray(frame) for frame in pixels]
    durations = [40, 50, 200, 80]
    file = tmp_path / f"clip{suffix}"
    lossless = {"lossless": True} if suffix == ".webp" else {}
    frames[0].save(file, save_all=True, append_images=frames[1:], duration=durations, loop=0, **lossless)
    status, out, _ = saddle("translate", runs / "domains", file, "-o", tmp_path / "out")
    assert status == 0
    assert out.startswith(f"{file}: 4 frames, from frame to frame 0.")
    with Image.open(tmp_path / "out" / "clip.gif") as made:
        assert (made.n_frames, made.info["loop"]) == (4, 0)
        for place, duration in enumerate(durations):
            made.seek(place)
            assert made.info["duration"] == duration


def test_flicker_is_what_changes_beside_what_was_given(runs, saddle, tmp_path):
    for i in range(3):
        Image.new("RGB", (16, 16), (50 * i,) * 3).save(tmp_path / f"f{i}.png")
    given = [tmp_path / f"f{i}.png" for i in range(3)]
    _, out, _ = saddle("translate", runs / "domains", *given, "-o", tmp_path / "out")
    model = load(runs / "domains")
    made = torch.cat([model.translate(read(file)) for file in given])
    change = float(made.diff(dim=0).abs().mean())
    said = (
        f"3 frames, from frame to frame {change:.3f} changes, of what was given 0.196 ({change / 50 * 255:.1f} times)"
    )
    assert out.splitlines()[0] == f"{given[0]} to f2.png: {said}"


def test_there_and_back(runs, saddle, refused, tmp_path):
    file = noise(tmp_path / "a.png", (16, 16))
    for way, label in (([], 1), (["--back"], 0)):
        out = tmp_path / f"to{label}"
        assert saddle("translate", runs / "domains", file, *way, "-o", out)[0] == 0
        wanted = load(runs / "domains").translate(read(file), label)
        assert torch.allclose(read(out / "a.png"), wanted, atol=0.6 / 255)
    assert "leads one way; leave it out" in refused("translate", runs / "pairs", file, "--back", "-o", tmp_path / "no")
    assert "a CUT such as" in refused("translate", runs / "one_way", file, "--back", "-o", tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_grey_pictures_and_transparent_ones_are_brought_to_the_trained_channels(runs, saddle, tmp_path):
    Image.new("L", (16, 16), 90).save(tmp_path / "grey.png")
    Image.new("RGBA", (16, 16), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    Image.new("P", (16, 16), 0).save(tmp_path / "palette.gif")
    Image.new("I;16", (16, 16), 40000).save(tmp_path / "deep.tif")
    names = ["grey.png", "clear.png", "palette.gif", "deep.tif"]
    given = [tmp_path / name for name in names]
    assert saddle("translate", runs / "domains", *given, "-o", tmp_path / "out")[0] == 0
    model = load(runs / "domains")
    for file, value in zip(given, (90 / 255, 1.0, 0.0, 40000 / 65535), strict=True):
        wanted = model.translate(torch.full((1, 3, 16, 16), value))
        assert torch.allclose(read(tmp_path / "out" / f"{file.stem}.png"), wanted, atol=1.2 / 255)


def test_what_is_transparent_is_filled_and_the_rest_stays(runs, saddle, refused, tmp_path):
    with Image.open(noise(tmp_path / "whole.png", (40, 30))) as whole:
        holed = whole.convert("RGBA")
    holed.paste((0, 0, 0, 0), (10, 10, 14, 20))
    holed.save(tmp_path / "holed.png")
    assert saddle("translate", runs / "holes", tmp_path / "holed.png", "-o", tmp_path / "out")[0] == 0
    made, before = read(tmp_path / "out" / "holed.png"), read(tmp_path / "whole.png")
    known = torch.ones(40, 30, dtype=torch.bool)
    known[10:20, 10:14] = False
    assert torch.allclose(made[..., known], before[..., known], atol=0.6 / 255)
    assert not torch.allclose(made[..., ~known], before[..., ~known], atol=10 / 255)
    status, _, err = saddle("translate", runs / "holes", tmp_path / "whole.png", "-o", tmp_path / "out")
    assert (status, err) == (
        2,
        f"saddle: {tmp_path / 'whole.png'}: has no transparent place, and such are what this run fills; erase what is "
        "to be made anew\n",
    )


def test_what_is_damaged_is_told_in_a_line_each_and_the_others_go_on(runs, saddle, tmp_path):
    for name in ("b.png", "d.png"):
        noise(tmp_path / "in" / name, (16, 16))
    (tmp_path / "in" / "a.png").write_bytes(b"no picture")
    (tmp_path / "in" / "c.jpg").write_bytes((tmp_path / "in" / "b.png").read_bytes()[:200])
    status, out, err = saddle("translate", runs / "domains", tmp_path / "in", "-o", tmp_path / "out")
    assert status == 2
    assert [line.split(": ")[1] for line in err.splitlines()] == [str(tmp_path / "in" / n) for n in ("a.png", "c.jpg")]
    assert out == f"2 of 4 translated: {tmp_path / 'out'}\n"
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["b.png", "d.png"]


def test_nothing_is_overwritten(runs, saddle, tmp_path):
    file = noise(tmp_path / "a.png", (16, 16))
    before = file.read_bytes()
    status, _, err = saddle("translate", runs / "domains", file, "-o", tmp_path)
    assert (status, file.read_bytes()) == (2, before)
    assert err == f"saddle: {file}: {file} is there already and stays as it is; remove it or take another folder\n"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (["plain", "a.png", "-o", "out"], "a GAN turns no pictures into others; pix2pix, cyclegan"),
        (["domains", "-o", "out"], "nothing was given to translate"),
        (["domains", "none.png", "-o", "out"], "none.png: no such file or folder"),
        (["domains", "a.txt", "-o", "out"], "wanted pictures, such as .png"),
        (["nowhere", "a.png", "-o", "out"], "is no run folder"),
        (["domains", "a.png", "-o", "out", "--checkpoint", "7"], "has no sound checkpoint of step 7; there are: 0, 2"),
        (["domains", "a.png", "-o", "out", "--fit", "crop"], "crop"),
        (["domains", "a.png", "-o", "a.txt"], "-o a.txt: wanted a folder, got a file"),
        (["domains", "."], "-o"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_refusals(told, words, runs, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    noise(tmp_path / "a.png", (16, 16))
    (tmp_path / "a.txt").write_text("a text")
    run, *rest = told
    assert words in refused("translate", runs / run, *rest)
    assert not (tmp_path / "out").exists()


def test_a_model_that_makes_no_numbers_is_refused(runs, refused, tmp_path):
    from saddlepoint.saved.checkpoint import Checkpoint

    shutil.copytree(runs / "domains", tmp_path / "run")
    for file in (tmp_path / "run" / "checkpoints").glob("*.safetensors"):
        read = Checkpoint.read(file)
        broken = {name: one * float("nan") if one.is_floating_point() else one for name, one in read.tensors.items()}
        read._replace(tensors=broken).write(file)
    said = refused("translate", tmp_path / "run", noise(tmp_path / "a.png", (16, 16)), "-o", tmp_path / "out")
    assert "makes NaN or infinite numbers of" in said


def test_sampling_says_how_else_to_ask(runs, saddle, refused, tmp_path):
    out, file = tmp_path / "x.npy", noise(tmp_path / "a.png", (8, 6))
    assert f"saddle translate {runs / 'domains'} PICTURES -o FOLDER" in refused("sample", runs / "domains", "-o", out)
    assert "say --given, a picture, a folder" in refused("sample", runs / "pairs", "-o", out)
    assert saddle("sample", runs / "pairs", "--given", file, "-n", 2, "-o", out)[0] == 0
    wanted = load(runs / "pairs").sample(2, read(file).expand(2, -1, -1, -1), seed=0)
    assert np.allclose(np.load(out), wanted, atol=1e-5)
