"""Toys against what is known of them in closed form."""

from __future__ import annotations

import math

import pytest
import torch

from saddlepoint.data import build
from saddlepoint.errors import BadOption

COUNT = 40_000


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [("ring", {}, 8), ("grid", {}, 25), ("grid", {"side": 2}, 4), ("mixture", {}, 2), ("mixture", {"modes": 5}, 5)],
)
def test_mixtures_have_equal_modes_of_the_std_they_say(name, options, count):
    toy = build(name, **options)
    x = toy.real(COUNT).x
    assert len(toy.means) == count
    nearest = torch.cdist(x, toy.means).argmin(1)
    shares = torch.bincount(nearest, minlength=count) / COUNT
    assert torch.allclose(shares, torch.full((count,), 1 / count), atol=5 * (1 / count / COUNT) ** 0.5)
    offsets = x - toy.means[nearest]
    assert offsets.std().item() == pytest.approx(toy.std, rel=0.02)
    assert offsets.mean(0).abs().max() < 5 * toy.std / COUNT**0.5


def test_the_grid_is_the_published_one():
    means = {tuple(mean) for mean in build("grid").means.tolist()}
    assert means == {(float(i), float(j)) for i in range(-4, 5, 2) for j in range(-4, 5, 2)}
    assert build("grid").std == 0.05


def test_98_9_percent_of_a_plane_mixture_lie_within_three_stds():
    toy = build("grid")
    near = torch.cdist(toy.real(COUNT).x, toy.means).min(1).values <= 3 * toy.std
    assert near.float().mean().item() == pytest.approx(1 - math.exp(-4.5), abs=0.003)


def test_the_mixture_is_one_number_with_known_moments():
    toy = build("mixture", modes=3, spacing=2.0, std=0.25)
    x = toy.real(COUNT).x
    assert toy.spec.shape == (1,)
    assert toy.means[:, 0].tolist() == [-2, 0, 2]
    assert x.mean().item() == pytest.approx(0, abs=0.05)
    assert x.var().item() == pytest.approx(8 / 3 + 0.0625, rel=0.02)


def test_a_single_gaussian_is_scaled_by_its_std():
    toy = build("mixture", modes=1, std=10.0)
    assert toy.real(COUNT).x.std().item() == pytest.approx(10, rel=0.02)
    assert toy.batches(COUNT)(0)["x"].std().item() == pytest.approx(1 / 3, rel=0.02)


def test_the_checkerboard_is_uniform_on_the_dark_squares():
    x = build("checkerboard").real(COUNT).x
    square = ((x + 4) / 2).floor().long().clamp(0, 3)
    assert (square.sum(1) % 2 == 0).all()
    shares = torch.bincount(square[:, 0] * 4 + square[:, 1], minlength=16) / COUNT
    dark = shares[shares > 0]
    assert len(dark) == 8
    assert torch.allclose(dark, torch.full((8,), 1 / 8), atol=0.01)
    within = (x + 4) % 2
    assert within.mean(0).tolist() == pytest.approx([1, 1], abs=0.02)
    assert within.std(0).tolist() == pytest.approx([1 / 3**0.5] * 2, rel=0.02)


def test_the_swiss_roll_without_noise_is_the_curve_of_scikit_learn():
    x = build("swiss_roll", noise=0.0).real(COUNT).x
    t = x.norm(dim=1)
    assert 1.5 * math.pi - 1e-3 <= t.min() <= t.max() <= 4.5 * math.pi + 1e-3
    assert torch.allclose(x, t[:, None] * torch.stack([t.cos(), t.sin()], 1), atol=1e-3)
    assert t.mean().item() == pytest.approx(3 * math.pi, rel=0.01)


def test_the_swiss_roll_s_noise_is_in_the_roll_s_units():
    clean, noisy = build("swiss_roll", noise=0.0).real(COUNT).x, build("swiss_roll").real(COUNT).x
    assert (noisy - clean).std().item() == pytest.approx(0.25, rel=0.02)


def test_moons_are_two_half_circles():
    real = build("moons", noise=0.0).real(COUNT)
    upper, lower = real.x[real.y == 0], real.x[real.y == 1]
    assert torch.allclose(upper.norm(dim=1), torch.ones(len(upper)), atol=1e-5)
    assert torch.allclose((lower - torch.tensor([1, 0.5])).norm(dim=1), torch.ones(len(lower)), atol=1e-5)
    assert upper[:, 1].min() > -1e-5
    assert lower[:, 1].max() < 0.5 + 1e-5
    assert len(upper) / COUNT == pytest.approx(0.5, abs=0.01)
    noisy = build("moons").real(COUNT)
    assert (noisy.x - real.x).std().item() == pytest.approx(0.1, rel=0.02)


def test_spirals_have_arms_that_are_each_other_turned():
    x = build("spiral", arms=3, noise=0.0).real(COUNT).x
    t = 3 * x.norm(dim=1)
    turned = (torch.atan2(x[:, 1], x[:, 0]) - t) / (2 * math.pi / 3)
    arm = turned.round()
    far = t > 0.1
    assert (turned - arm)[far].abs().max() < 0.01
    assert torch.bincount((arm[far] % 3).long()) / far.sum() == pytest.approx([1 / 3] * 3, abs=0.02)
    assert t.max().item() == pytest.approx(3 * math.pi, rel=0.01)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("grid", {"side": 0}, "data.side: wanted a whole number from 1 to 100, got 0"),
        ("grid", {"std": -1.0}, "data.std: wanted a number from 0 to 1,000,000, got -1.0"),
        ("mixture", {"modes": -3}, "data.modes: wanted a whole number from 1 to 10,000, got -3"),
        ("mixture", {"std": float("nan")}, "data.std: wanted a number from 0 to 1,000,000, got nan"),
        ("spiral", {"arms": 0}, "data.arms: wanted a whole number from 1 to 10,000, got 0"),
        ("moons", {"noise": -0.1}, "data.noise: wanted a number from 0 to 1,000,000, got -0.1"),
        ("swiss_roll", {"noise": -0.1}, "data.noise: wanted a number from 0 to 1,000,000"),
        ("checkerboard", {"side": 0}, "data.side: wanted a whole number from 1"),
        ("patches", {"size": 161}, "data.size: wanted a whole number from 1 to 160, got 161"),
        ("patches", {"size": 0}, "data.size: wanted a whole number from 1 to 160, got 0"),
    ],
)
def test_impossible_toys_are_refused(name, options, words):
    with pytest.raises(BadOption, match=words):
        build(name, **options)


def test_patches_are_cut_from_the_photos_and_held_out_ones_from_their_right():
    from sklearn.datasets import load_sample_images

    china, flower = load_sample_images().images
    toy = build("patches", size=5)
    for drawn, low, high in ((toy.real(20), 0, 480), (toy.held_out(), 480, 640)):
        for crop, y in zip(drawn.x[:10], drawn.y[:10], strict=True):
            pixels = (crop * 255).round().byte().permute(1, 2, 0).numpy()
            assert places(flower if y else china, pixels, low, high)
    assert toy.spec.classes == ("china", "flower")


def places(photo, pixels, low: int, high: int) -> bool:
    """Whether `pixels` are somewhere in the columns from `low` to `high` of a photo."""
    tops = (photo[:, low:high] == pixels[0, 0]).all(-1).nonzero()
    side = len(pixels)
    return any(
        (photo[row : row + side, low + column : low + column + side] == pixels).all()
        for row, column in zip(*tops, strict=True)
        if row + side <= photo.shape[0] and low + column + side <= high
    )
