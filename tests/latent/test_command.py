"""`saddle latent`: pictures in, pictures out, and what is refused."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from saddlepoint import data, load
from saddlepoint.latent.encode import encode
from saddlepoint.latent.invert import invert

TINY = ["--network.width", "8", "--run.threads", "1", "--run.judge", "0", "--watch.share", "0"]
FEW = ["--steps", "2", "--starts", "1"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A tiny GAN of grey digits, trained for a moment."""
    from saddlepoint.cli.app import main

    folder = tmp_path_factory.mktemp("latent") / "run"
    with pytest.raises(SystemExit) as exit:
        main(["train", "digits", "--steps", "2", "--batch", "8", *TINY, "--out", str(folder)])
    assert not exit.value.code
    return folder


@pytest.fixture
def photos(tmp_path):
    """Two pictures of digits, one with a transparent corner."""
    folder = tmp_path / "photos"
    folder.mkdir()
    whole, holed = (data.build("digits").real(2).x[:, 0].numpy() * 255).round().astype(np.uint8)
    Image.fromarray(whole).save(folder / "whole.png")
    alpha = np.full_like(holed, 255)
    alpha[:3, :4] = 0
    Image.fromarray(np.stack([holed, alpha], axis=-1), "LA").save(folder / "holed.png")
    return folder


def pixels(file):
    with Image.open(file) as picture:
        return np.asarray(picture)


def test_holes_are_filled_and_what_is_known_is_kept(run, photos, saddle, tmp_path):
    status, out, err = saddle("latent", run, "invert", photos, "-o", tmp_path / "out", *FEW)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == ["holed", "whole", "mean"]
    assert all("context error" in line for line in lines)
    assert "psnr" not in lines[0], "what was transparent is not known"
    assert "psnr" in lines[1]
    assert "in the hole" not in lines[1]
    given, filled = pixels(photos / "holed.png")[..., 0], pixels(tmp_path / "out" / "holed.png")
    assert np.array_equal(filled[3:], given[3:])
    assert np.array_equal(filled[:, 4:], given[:, 4:])
    assert pixels(tmp_path / "out" / "whole.png").shape == (8, 8)
    assert np.load(tmp_path / "out" / "z.npy").shape[0] == 2
    assert pixels(tmp_path / "out" / "sheet.png").ndim == 2


def test_a_mask_is_a_hole_in_all_and_the_truth_is_told(run, photos, saddle, tmp_path):
    mask = np.full((8, 8), 255, np.uint8)
    mask[2:6, 2:6] = 0
    Image.fromarray(mask).save(tmp_path / "mask.png")
    args = [photos / "whole.png", *FEW, "--label", "3"]
    status, out, _ = saddle("latent", run, "invert", *args, "-o", tmp_path / "a", "--mask", tmp_path / "mask.png")
    assert status == 0
    assert "psnr in the hole" in out
    assert saddle("latent", run, "invert", *args, "-o", tmp_path / "b", "--hole=centre")[1] == out
    x = data.build("digits").real(2).x[:1]
    known = torch.from_numpy(mask)[None, None]
    found = invert(load(run), x, known, 3, steps=2, starts=1)
    expected = (found.filled[0, 0].numpy() * 255).round()
    assert np.abs(pixels(tmp_path / "a" / "whole.png") - expected).max() <= 1
    assert np.allclose(np.load(tmp_path / "a" / "z.npy"), found.z.numpy(), atol=1e-4)
    wide = pixels(tmp_path / "a" / "sheet.png").shape
    assert wide[1] == pytest.approx(4 * wide[0], rel=0.2), "given, reconstructed, filled, truth"


def test_an_array_of_images_is_taken_too(run, saddle, tmp_path):
    x = data.build("digits").real(3).x[:, 0].numpy()
    np.save(tmp_path / "x.npy", x)
    status, _, _ = saddle("latent", run, "invert", tmp_path / "x.npy", "-o", tmp_path / "out", *FEW)
    assert status == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        *(f"x-{i:05}.png" for i in range(3)),
        "sheet.png",
        "z.npy",
    }


def test_bad_input_is_refused_in_a_line_and_nothing_is_written(run, photos, refused, tmp_path):
    def said(*arguments, verb="invert"):
        line = refused("latent", run, verb, *arguments, "-o", tmp_path / "out")
        assert not (tmp_path / "out").exists()
        return line

    Image.fromarray(np.zeros((5, 8), np.uint8)).save(tmp_path / "small.png")
    np.save(tmp_path / "x.npy", np.zeros((2, 7, 8)))
    (tmp_path / "empty").mkdir()
    whole = photos / "whole.png"
    assert "verb 'inver' is not known; did you mean 'invert'?" in said(whole, verb="inver")
    assert "did you mean 'steps'" in said(whole, "--step", 3)
    assert "--steps wants a value" in said(whole, "--steps")
    assert "starts: wanted a whole number from 1 to 100, got '0'" in said(whole, "--starts", 0)
    assert "wanted pictures, folders of them or a .npy, got none" in said()
    assert "say one" in said(whole, "--hole", "centre", "--mask", whole)
    assert "wanted a mask of 8x8 (height x width) as pictures have, got 5x8" in said(
        whole, "--mask", tmp_path / "small.png"
    )
    Image.fromarray(np.full((8, 8), 255, np.uint8)).save(tmp_path / "white.png")
    assert "wanted a mask with a hole" in said(whole, "--mask", tmp_path / "white.png")
    assert "wanted a picture of 1 x 8 x 8" in (line := said(tmp_path / "small.png"))
    assert "got 1 x 5 x 8; bring it to that size" in line
    assert "x[0]: wanted a picture of 1 x 8 x 8" in said(tmp_path / "x.npy")
    assert "holds no pictures" in said(tmp_path / "empty")
    assert "two pictures are called whole" in said(whole, photos)
    assert "no such file or folder" in said(tmp_path / "nothing.png")
    assert "label 'cat' is not known" in said(whole, "--label", "cat")


def test_what_is_there_is_not_overwritten(run, photos, refused):
    before = sorted(file.name for file in photos.iterdir())
    assert "name a folder that is new or empty" in refused("latent", run, "invert", photos, "-o", photos, *FEW)
    assert sorted(file.name for file in photos.iterdir()) == before


def test_models_that_cannot_say_so(photos, saddle, refused, tmp_path):
    saddle("train", "ring", "--steps", 1, "--batch", 8, *TINY, "--out", tmp_path / "ring")
    assert "makes no pictures" in refused("latent", tmp_path / "ring", "invert", photos, "-o", tmp_path / "out")
    saddle("train", "digits", "--steps", 1, "--game", "gaussian", "--run.judge", 0, "--out", tmp_path / "gaussian")
    line = refused("latent", tmp_path / "gaussian", "invert", photos, "-o", tmp_path / "out")
    assert "decodes no latents; gan, infogan, vae, autoencoder, flow and encoder do" in line


def test_the_list_shows_the_verbs_and_their_options(saddle):
    assert "invert" in saddle("list", "latent")[1]
    assert "--steps " in saddle("list", "latent", "invert")[1]


def test_an_encoder_reads_whole_pictures_in_one_pass(photos, saddle, refused, tmp_path):
    vae = tmp_path / "vae"
    assert saddle("train", "digits", "--game", "vae", "--steps", 2, "--batch", 8, *TINY, "--out", vae)[0] == 0
    line = refused("latent", vae, "encode", photos, "-o", tmp_path / "no")
    assert "wanted pictures without holes, got some; `invert` fills them" in line
    told = ["latent", vae, "encode", photos / "whole.png"]
    assert "wanted pictures without holes" in refused(*told, "-o", tmp_path / "no", "--hole", "centre")
    status, out, err = saddle(*told, "-o", tmp_path / "out", "--label", "3")
    assert (status, err) == (0, "")
    model, x = load(vae), torch.from_numpy(pixels(photos / "whole.png") / 255).float()[None, None]
    z = model.encode(x, 3)
    assert np.allclose(np.load(tmp_path / "out" / "z.npy"), z, atol=1e-6)
    assert f"error {float((model.decode(z, 3) - x).abs().mean()):.4g}" in out
    assert "psnr" in out


def test_without_a_class_the_nearest_counts(photos, saddle, tmp_path):
    vae = tmp_path / "vae"
    assert saddle("train", "digits", "--game", "vae", "--steps", 2, "--batch", 8, *TINY, "--out", vae)[0] == 0
    model, x = load(vae), data.build("digits").real(6).x
    found, each = encode(model, x), [encode(model, x, label).errors for label in range(10)]
    assert torch.equal(found.y, torch.stack(each).argmin(0))
    assert torch.allclose(found.errors, torch.stack(each).amin(0))


def test_a_model_without_an_encoder_says_so(run, photos, refused, tmp_path):
    line = refused("latent", run, "encode", photos / "whole.png", "-o", tmp_path / "out")
    assert "a GAN encodes no samples; encoder, vae, autoencoder and flow do" in line


def test_verbs_without_pictures_lay_samples_out(run, saddle, refused, tmp_path):
    for verb, rows, columns in (("truncate", 6, 10), ("traverse", 6, 9)):
        status, out, err = saddle("latent", run, verb, "-o", tmp_path / verb, "--label", 3)
        assert status == 0, err
        assert len(out.splitlines()) == rows
        x = np.load(tmp_path / verb / "x.npy")
        assert x.shape == (rows, columns, 1, 8, 8)
        assert np.load(tmp_path / verb / "z.npy").shape[:2] == (rows, columns)
        wide, high = pixels(tmp_path / verb / "sheet.png").shape[::-1]
        assert wide / high == pytest.approx(columns / rows, rel=0.1)
    with Image.open(tmp_path / "traverse" / "ways.gif") as ways:
        assert ways.n_frames == 9
    assert not (tmp_path / "truncate" / "ways.gif").exists()
    assert "takes no pictures, got photo.png; leave them out" in refused(
        "latent", run, "truncate", "photo.png", "-o", tmp_path / "no"
    )
    assert "has no holes to fill" in refused("latent", run, "truncate", "--hole", "centre", "-o", tmp_path / "no")
    assert "has no styles to mix; --game stylegan has" in refused("latent", run, "mix", "-o", tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_pictures_are_asked_for_in_another_class_and_gone_between(run, photos, saddle, refused, tmp_path):
    whole = photos / "whole.png"
    status, out, err = saddle("latent", run, "relabel", whole, "--label", "8", *FEW, "-o", tmp_path / "eight")
    assert status == 0, err
    assert "error" in out
    assert "psnr" not in out, "it is not to be what was given"
    assert pixels(tmp_path / "eight" / "whole.png").shape == (8, 8)
    wide = pixels(tmp_path / "eight" / "sheet.png").shape
    assert wide[1] == pytest.approx(3 * wide[0], rel=0.2), "given, in its own class, in the other"
    status, out, err = saddle("latent", run, "relabel", whole, *FEW, "--tuning", "2", "-o", tmp_path / "each")
    assert status == 0, err
    assert sorted(path.name for path in (tmp_path / "each").iterdir() if path.is_dir()) == list("0123456789")
    assert pixels(tmp_path / "each" / "8" / "whole.png").shape == (8, 8)
    assert pixels(tmp_path / "each" / "sheet.png").shape[1] > 11 * 8
    Image.open(whole).rotate(90).save(tmp_path / "turned.png")
    status, out, _ = saddle(
        "latent", run, "interpolate", whole, tmp_path / "turned.png", *FEW[:2], "-o", tmp_path / "way"
    )
    assert (status, out) == (0, "0 to 1\n")
    assert np.load(tmp_path / "way" / "x.npy").shape == (1, 10, 1, 8, 8)


def test_the_curve_over_psi_is_told_drawn_and_kept_beside_real_data(run, saddle, refused, quick_judge, tmp_path):
    status, out, err = saddle("latent", run, "curve", "--psi", "1 0", "-o", tmp_path / "curve")
    assert status == 0, err
    assert [line.split("  ")[0] for line in out.splitlines()] == ["psi 1", "psi 0", "real data"]
    whole, one = (json.loads(line) for line in (tmp_path / "curve" / "curve.jsonl").read_text().splitlines())
    assert one["recall"] == 0, "one sample of each class covers nothing"
    assert one["psi"] == 0
    assert whole["real recall"] == one["real recall"] > 0.5
    with Image.open(tmp_path / "curve" / "curve.png") as drawn:
        assert drawn.width > 300
    status = saddle("judge", run, "--metrics", "precision_recall", "-o", tmp_path / "scores.jsonl")[0]
    assert status == 0
    scores = [json.loads(line) for line in (tmp_path / "scores.jsonl").read_text().splitlines()]
    told = {score["metric"].rpartition(".")[2]: score["value"] for score in scores}
    assert whole["precision"] == pytest.approx(told["precision"], abs=0.02), "at 1 it is as `saddle judge` tells it"
    assert "psi: wanted numbers such as" in refused("latent", run, "curve", "--psi", "high", "-o", tmp_path / "no")
