"""Real samples and fakes changed alike: what a change does, that penalties look behind it, how strong it gets."""

import itertools
import math
from collections import Counter

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck
from torch.nn.functional import affine_grid

from saddlepoint import Duel, objectives, regularizers
from saddlepoint.duel import Featured
from saddlepoint.regularizers import _images
from saddlepoint.regularizers._images import about_mean, placed, with_hole
from saddlepoint.saved.folder import RunFolder


def shifted(across, down, height, width):
    where = torch.eye(2, 3).repeat(1, 1, 1)
    where[0, :, 2] = torch.tensor([2 * across / width, 2 * down / height])
    return where


@pytest.mark.parametrize(("across", "down"), [*itertools.product((-2, 0, 1), (0, 3))])
def test_a_shift_by_whole_pixels_is_exact_and_leaves_zeros(across, down):
    x = torch.randn(1, 3, 7, 5)
    expected = torch.zeros_like(x)
    for row, column in itertools.product(range(7), range(5)):
        if 0 <= row + down < 7 and 0 <= column + across < 5:
            expected[..., row, column] = x[..., row + down, column + across]
    assert torch.equal(placed(x, shifted(across, down, 7, 5), nearest=True), expected)


def test_an_image_can_be_placed_in_the_mirror_and_go_on_in_it():
    x = torch.randn(1, 2, 4, 6)
    assert torch.allclose(placed(x, torch.tensor([[[-1.0, 0, 0], [0, 1, 0]]])), x.flip(3), atol=1e-5)
    moved = placed(x, shifted(2, 0, 4, 6), nearest=True, mirrored=True)
    assert torch.equal(moved, torch.cat([x[..., 2:], x[..., 4:].flip(3)], dim=3))


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("padding", [0, 2])
def test_placing_is_differentiable_twice(mode, padding):
    x = torch.randn(2, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    where = torch.eye(2, 3, dtype=torch.float64) + 0.3 * torch.randn(2, 2, 3, dtype=torch.float64)
    grid = affine_grid(where, [2, 2, 5, 4], align_corners=False)
    assert gradcheck(lambda x: _images._Sampled.apply(x, grid, mode, padding), (x,))
    assert gradgradcheck(lambda x: _images._Sampled.apply(x, grid, mode, padding), (x,))


def test_a_hole_has_its_share_of_each_side_about_its_middle():
    x = torch.ones(2, 3, 8, 12)
    holed = with_hole(x, torch.tensor([[0.5, 0.5], [0.0, 1.0]]), 0.5)
    expected = torch.ones(8, 12)
    expected[2:6, 3:9] = 0
    assert torch.equal(holed[0], expected.expand(3, -1, -1))
    assert holed[1].mean() == pytest.approx(1 - 1 / 16), "the quarter of a hole that is inside"


def test_contrast_is_about_the_mean_of_an_image_and_saturation_about_that_of_a_pixel():
    x, factor = torch.randn(3, 3, 4, 4), torch.tensor([0.0, 1.0, 2.0]).view(3, 1, 1, 1)
    made = about_mean(x, factor, (1, 2, 3))
    assert torch.allclose(made.mean((1, 2, 3)), x.mean((1, 2, 3)), atol=1e-6)
    assert torch.allclose(made.std((1, 2, 3)), factor.flatten() * x.std((1, 2, 3)), atol=1e-6)
    grey = about_mean(x, torch.zeros(3, 1, 1, 1), (1,))
    assert torch.allclose(grey, x.mean(1, keepdim=True).expand_as(x))


class Seeing(torch.nn.Module, Featured):
    """A linear discriminator that remembers what it saw."""

    def __init__(self, weight):
        super().__init__()
        self.weight, self.seen = weight, []

    def features(self, x, y=None):
        self.seen.append(x)
        return x.flatten(1)

    def judge(self, features, y=None):
        return features @ self.weight


def game_of(name, x, fake, **options):
    """What a discriminator sees of both sides under a regularizer, and the objective's terms."""
    objective = regularizers.build(name, **options)(objectives.build("non_saturating"))
    discriminator = Seeing(torch.randn(x[0].numel()))
    return objective, Duel(discriminator, x.requires_grad_(), fake.requires_grad_())


@pytest.mark.parametrize("name", ["diff_augment", "ada"])
def test_both_sides_are_changed_in_both_moves(name):
    torch.manual_seed(0)
    x, fake = torch.randn(2, 8, 3, 8, 8)
    objective, duel = game_of(name, x, fake)
    for control in objective.controls:
        control.p.fill_(0.8)
    for terms in (objective.discriminator, objective.generator):
        duel.discriminator.seen.clear()
        for term in terms.values():
            assert term(Duel(duel.discriminator, x, fake)).isfinite()
        assert all(not torch.isclose(seen, x, atol=1e-3).all() for seen in duel.discriminator.seen)
        assert all(not torch.isclose(seen, fake, atol=1e-3).all() for seen in duel.discriminator.seen)


def test_diff_augment_without_a_way_changes_nothing():
    x, fake = torch.randn(2, 4, 3, 8, 8)
    objective, duel = game_of("diff_augment", x, fake, color=False, translation=0.0, cutout=0.0)
    objective.discriminator["real"](duel)
    assert torch.equal(duel.discriminator.seen[0], x)


def test_brightness_alone_is_left_of_an_image_of_one_colour():
    torch.manual_seed(0)
    x = torch.zeros(2000, 1, 2, 2)
    objective, duel = game_of("diff_augment", x, x.clone(), translation=0.0, cutout=0.0)
    objective.discriminator["real"](duel)
    (seen,) = duel.discriminator.seen
    assert torch.allclose(seen, seen[:, :, :1, :1].expand_as(seen), atol=1e-6)
    assert -0.5 <= seen.min() < -0.49
    assert 0.49 < seen.max() <= 0.5


def test_shifts_are_of_whole_pixels_each_as_often():
    torch.manual_seed(0)
    x = torch.zeros(5000, 1, 8, 8)
    x[:, :, 4, 4] = 1
    objective, duel = game_of("diff_augment", x, x.clone(), color=False, cutout=0.0)
    objective.discriminator["real"](duel)
    places = Counter(map(tuple, duel.discriminator.seen[0][:, 0].nonzero()[:, 1:].tolist()))
    assert sorted(places) == list(itertools.product((3, 4, 5), repeat=2))
    assert all(abs(count / 5000 - 1 / 9) < 4 * math.sqrt(8 / 81 / 5000) for count in places.values())


@pytest.mark.parametrize("name", ["diff_augment", "ada"])
def test_a_penalty_looks_at_the_slope_at_the_unchanged_images(name):
    torch.manual_seed(0)
    x, fake = torch.randn(2, 16, 1, 6, 6)
    penalised = regularizers.build("r1", weight=2.0)(objectives.build("non_saturating"))
    objective = regularizers.build(name)(penalised)
    discriminator = Seeing(torch.randn(36))
    duel = Duel(discriminator, x.requires_grad_(), fake)
    for control in objective.controls:
        control.p.fill_(0.8)
    penalty = objective.discriminator["r1"](duel)
    scores = discriminator.judge(discriminator.features(discriminator.seen[0]))
    (slope,) = torch.autograd.grad(scores.sum(), x)
    assert penalty.item() == pytest.approx(slope.flatten(1).square().sum(1).mean().item(), rel=1e-5)
    assert penalty.item() != pytest.approx(discriminator.weight.square().sum().item(), rel=1e-3)


def test_without_strength_ada_changes_nothing():
    x, fake = torch.rand(2, 4, 3, 16, 12)
    objective, duel = game_of("ada", x, fake)
    objective.discriminator["real"](duel)
    assert torch.allclose(duel.discriminator.seen[0], x, atol=1e-4)


def test_the_strength_follows_the_sign_of_real_scores():
    (control,) = regularizers.build("ada", images_to_full=1000, most=0.2)(objectives.build("hinge")).controls

    def saw(share):
        scores = torch.where(torch.arange(100) < 100 * share, 1.0, -1.0)
        control.follow({"on_real": scores, "x": torch.zeros(100, 1, 2, 2)})
        return control.p.item()

    assert saw(0.81) == pytest.approx(0.1), "its mean sign is 0.62, above 0.6"
    assert saw(0.79) == pytest.approx(0.0)
    assert saw(0.5) == 0.0
    assert [saw(1.0) for _ in range(3)] == pytest.approx([0.1, 0.2, 0.2])
    control.follow({"on_real": torch.full((100,), math.nan), "x": torch.zeros(100, 1, 2, 2)})
    assert control.p.item() == pytest.approx(0.2)


def test_a_run_keeps_the_strength_and_tells_it(saddle, tmp_path):
    small = ["--network.width", 8, "--run.threads", 1, "--batch", 16, "--run.judge", 0, "--watch.share", 0]
    ways = ["--regularizer", "ada", "--regularizer.ada.images_to_full", 400, "--regularizer.ada.target", 0.0]
    size = ["--data.size", 8, "--run.log_every", 1, "--run.save_every", 10]
    run = tmp_path / "run"
    status, _, told = saddle(
        "train", "patches", "--recipe", "image", *small, *ways, *size, "--run.picture_every", 1000, "--steps", 20,
        "--out", run,
    )  # fmt: skip
    assert status == 0, told
    lines = RunFolder(run).lines("scalars")
    strengths = [line["discriminator/strength"] for line in lines if "discriminator/strength" in line]
    assert len(strengths) == 20
    assert strengths[0] == 0
    assert all(abs(after - before) in (0, pytest.approx(0.04)) for before, after in itertools.pairwise(strengths))
    assert max(strengths) > 0
    (p,) = (value for name, value in kept(run, 20).items() if name.endswith("controls.0.p"))
    assert 0 <= p.item() <= 0.85
    (before,) = (value for name, value in kept(run, 10).items() if name.endswith("controls.0.p"))
    assert before.item() == pytest.approx(strengths[10])


def kept(run, step):
    return RunFolder(run).at(step).tensors


@pytest.mark.parametrize("name", ["diff_augment", "ada"])
def test_points_are_refused(refused, name):
    told = refused("train", "ring", "--regularizer", name)
    assert f"{name} wants images (B, C, H, W), got samples (2,); leave it out for this data" in told
