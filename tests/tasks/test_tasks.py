"""What each task leaves of a picture, against whoever else does the same, and by hand."""

import re

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_images

from saddlepoint import tasks
from saddlepoint.colour import lab_of, lightness_of
from saddlepoint.errors import BadData, BadOption
from saddlepoint.source import seen
from saddlepoint.spec import IMAGE_UNITS, Spec

SQUARE = Spec((1, 28, 28), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
COLOUR = Spec((3, 64, 64), bounds=(-1.0, 1.0), units=IMAGE_UNITS)


def left(name, x, **options):
    task = tasks.build(name, Spec(tuple(x.shape[1:]), bounds=(-1.0, 1.0), units=IMAGE_UNITS), **options)
    return task.leave(x, torch.Generator().manual_seed(0))


def photos(height=64, width=64):
    return torch.from_numpy(
        np.stack([photo[100 : 100 + height, 200 : 200 + width] for photo in load_sample_images().images])
    )


@pytest.mark.parametrize(("by", "size"), [(2, (64, 64)), (4, (64, 64)), (4, (33, 21)), (7, (50, 64))])
def test_downscale_is_pillows_bicubic(by, size):
    x = photos(*size)
    small = left("downscale", seen(x.permute(0, 3, 1, 2)), by=by)
    sides = [-(-side // by) for side in size]
    for made, photo in zip(IMAGE_UNITS.own(small), x.numpy(), strict=True):
        theirs = np.asarray(Image.fromarray(photo).resize(sides[::-1], Image.Resampling.BICUBIC)) / 255
        assert np.abs(made.permute(1, 2, 0).numpy() - theirs).max() <= 1 / 255 + 1e-6


def test_downscale_makes_what_a_file_holds():
    small = (left("downscale", seen(photos().permute(0, 3, 1, 2))) + 1) * 127.5
    assert torch.allclose(small, small.round(), atol=1e-4)


def test_grey_is_as_light_and_a_grey_picture_stays_as_it_is():
    x = seen(photos().permute(0, 3, 1, 2))
    y = left("grey", x)
    assert torch.allclose(lightness_of((y + 1) / 2), lab_of((x + 1) / 2)[:, :1], atol=1e-3)
    assert torch.allclose(left("grey", y.expand(-1, 3, -1, -1)), y, atol=1e-5)


@pytest.mark.parametrize(("channels", "got"), [(1, "grey ones already"), (4, "ones of 4 channels")])
def test_grey_wants_colours(channels, got):
    with pytest.raises(BadData, match=f"^task grey wants pictures in colour, got {got}; take --data.channels rgb"):
        tasks.build("grey", Spec((channels, 8, 8), bounds=(-1.0, 1.0), units=IMAGE_UNITS))


def test_a_hole_in_the_middle_has_half_of_each_side():
    x = torch.rand(3, 1, 28, 28) * 2 - 1
    y = left("hole", x)
    known = torch.ones(28, 28, dtype=torch.bool)
    known[7:21, 7:21] = False
    assert torch.equal(y[:, 1] == 1, known.expand(3, -1, -1))
    assert torch.equal(y[:, 1] == -1, ~known.expand(3, -1, -1))
    assert torch.equal(y[:, 0][:, known], x[:, 0][:, known])
    assert (y[:, 0][:, ~known] == 0).all()
    assert IMAGE_UNITS.own(y)[0, :, 14, 14].tolist() == [0.5, 0.0], "grey, and transparent"


def test_holes_anywhere_have_their_size_and_reach_every_corner():
    y = left("hole", torch.zeros(2000, 1, 12, 9), where="random", share=0.33)
    missing = y[:, 1] == -1
    assert (missing.flatten(1).sum(1) == 4 * 3).all()
    assert missing.any(1).sum(1).unique().tolist() == [3]
    assert missing.any(2).sum(1).unique().tolist() == [4]
    share = missing.float().mean(0)
    assert (share > 0).all()
    corners = share[[0, 0, -1, -1], [0, -1, 0, -1]] * (12 - 4 + 1) * (9 - 3 + 1)
    assert corners.tolist() == pytest.approx([1.0] * 4, abs=0.6), "all places alike"
    many = left("hole", torch.zeros(50, 1, 12, 9), where="random", share=0.33, holes=5)[:, 1] == -1
    assert many.flatten(1).sum(1).max() > 2 * 12
    assert many.flatten(1).sum(1).min() >= 12


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "1", "P", "I;16"])
def test_a_mask_is_black_or_transparent_where_the_hole_is(mode, tmp_path):
    seen_part = np.zeros((28, 28), bool)
    seen_part[5:, :9] = True
    if mode == "RGBA":
        pixels = np.full((28, 28, 4), 255, np.uint8)
        pixels[~seen_part, 3] = 0
        mask = Image.fromarray(pixels)
    elif mode == "I;16":
        mask = Image.fromarray(seen_part.astype(np.uint16) * 65535)
    else:
        mask = Image.fromarray(seen_part.astype(np.uint8) * 255).convert(mode)
    mask.save(tmp_path / "mask.png")
    y = left("hole", torch.rand(2, 1, 28, 28), where=str(tmp_path / "mask.png"))
    assert np.array_equal(y[0, 1].numpy() == 1, seen_part)


def saved(path, pixels):
    Image.fromarray(pixels).save(path)
    return str(path)


def test_a_mask_that_cannot_be_one_is_refused_in_a_line(tmp_path):
    small = saved(tmp_path / "small.png", np.zeros((32, 16), np.uint8))
    with pytest.raises(BadData, match=f"^{re.escape(small)}: wanted a mask of 28x28 .* as pictures have, got 32x16"):
        tasks.build("hole", SQUARE, where=small)
    white = saved(tmp_path / "white.png", np.full((28, 28), 255, np.uint8))
    with pytest.raises(
        BadData, match=f"^{re.escape(white)}: wanted a mask with a hole, black or transparent, got none"
    ):
        tasks.build("hole", SQUARE, where=white)
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(BadData, match=r"text.png: is no image that can be read"):
        tasks.build("hole", SQUARE, where=str(tmp_path / "text.png"))
    with pytest.raises(BadData, match="wanted a regular file, got a folder"):
        tasks.build("hole", SQUARE, where=str(tmp_path))
    with pytest.raises(BadOption, match=r"^no mask is at 'centr', and task.where 'centr' .* did you mean 'centre'\?$"):
        tasks.build("hole", SQUARE, where="centr")


def test_masks_are_told_apart_by_what_they_hold(tmp_path):
    pixels = np.zeros((28, 28), np.uint8)
    one, same = (tasks.build("hole", SQUARE, where=saved(tmp_path / f"{i}.png", pixels)) for i in range(2))
    pixels[0] = 255
    other = tasks.build("hole", SQUARE, where=saved(tmp_path / "2.png", pixels))
    assert one.identity == same.identity != other.identity


def test_edges_are_where_a_picture_is_steepest():
    x = torch.full((1, 3, 40, 40), -0.5)
    x[..., 20:] = 0.5
    y = left("edges", x)
    assert y.unique().tolist() == [-1, 1]
    assert (y == 1).any(2).flatten().nonzero().flatten().tolist() == [18, 19, 20, 21], "the step, smoothed over three"
    assert (left("edges", torch.zeros(1, 3, 40, 40)) == -1).all(), "flat ground has none"
    noisy = torch.rand(4, 3, 40, 40, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for share in (0.05, 0.15, 1.0):
        found = (left("edges", noisy, share=share) == 1).flatten(1).float().mean(1)
        assert found.tolist() == pytest.approx([share] * 4, abs=1e-3)
    assert (left("edges", noisy, share=0.0) == -1).all()


def test_edges_are_sobels():
    x = torch.rand(1, 1, 12, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1
    smooth = torch.nn.functional.avg_pool2d(torch.nn.functional.pad(x, (1, 1, 1, 1), "replicate"), 3, 1)
    kernel = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]], dtype=torch.float64)
    both = torch.stack([kernel, kernel.T])[:, None]
    slope = torch.nn.functional.conv2d(torch.nn.functional.pad(smooth, (1, 1, 1, 1), "replicate"), both).norm(dim=1)
    strongest = slope.flatten().topk(int(0.15 * 120)).indices
    assert set((left("edges", x).flatten() == 1).nonzero().flatten().tolist()) == set(strongest.tolist())


def test_noise_is_gaussian_of_its_size_and_cut_to_the_bounds():
    added = left("noise", torch.zeros(40, 3, 64, 64), std=0.1)
    assert added.std().item() == pytest.approx(0.2, rel=0.01), "in units of [0, 1], which networks see as [-1, 1]"
    assert added.mean().abs() < 1e-3
    assert (added.abs() > 0.4).float().mean().item() == pytest.approx(0.0455, rel=0.05)
    assert left("noise", torch.ones(4, 3, 8, 8), std=1.0).max() == 1
