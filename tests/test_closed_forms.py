"""Losses and penalties against numbers worked out by hand, on the public API."""

import math

import pytest
import torch
from torch import Tensor

from saddlepoint import Duel, objectives, regularizers

REAL, FAKE = (2.0, -1.0), (0.5, -3.0)


def duel_of_scores() -> Duel:
    """Scores r = (2, -1) and f = (0.5, -3): the samples are their own scores."""
    real, fake = torch.tensor([REAL, FAKE], dtype=torch.float64)[..., None]
    return Duel(lambda x, y: x[:, 0], real, fake)


def linear_duel(size: int = 7) -> Duel:
    """A critic 3 x1 + 4 x2, whose slope has norm 5 everywhere."""
    x, fake = torch.randn(2, size, 2, dtype=torch.float64)
    return Duel(lambda x, y: 3 * x[:, 0] + 4 * x[:, 1], x, fake)


def total(terms: dict, duel: Duel) -> float:
    return sum(term(duel).item() for term in terms.values())


@pytest.mark.parametrize(
    ("name", "options", "discriminator", "generator"),
    [
        ("minimax", {}, 1.231427, -0.511332),
        ("non_saturating", {}, 1.231427, 1.761332),
        ("hinge", {}, 1.75, 1.25),
        ("wgan", {}, -1.75, 1.25),
        ("least_squares", {}, 3.5625, 4.0625),
    ],
)
def test_losses(name: str, options: dict, discriminator: float, generator: float) -> None:
    objective = objectives.build(name, **options)
    assert total(objective.discriminator, duel_of_scores()) == pytest.approx(discriminator, abs=1e-6)
    assert total(objective.generator, duel_of_scores()) == pytest.approx(generator, abs=1e-6)


def test_relativistic_pairing() -> None:
    objective = objectives.build("r3gan")
    assert float(objective.discriminator["pairing"](duel_of_scores())) == pytest.approx(0.164171, abs=1e-6)
    assert total(objective.generator, duel_of_scores()) == pytest.approx(1.914171, abs=1e-6)


def test_one_sided_label_smoothing_is_cross_entropy_with_target_point_nine() -> None:
    smoothed = regularizers.build("label_smoothing", amount=0.1)(objectives.build("non_saturating"))
    assert total(smoothed.discriminator, duel_of_scores()) == pytest.approx(1.281427, abs=1e-6)


def test_label_smoothing_of_a_pairing_swaps_its_sides() -> None:
    smoothed = regularizers.build("label_smoothing", amount=0.25)(objectives.build("r3gan"))
    duel = duel_of_scores()
    expected = 0.75 * 0.164171 + 0.25 * 1.914171
    assert (smoothed.discriminator["pairing"](duel)).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("tracked", [False, True])
def test_penalties_of_a_linear_critic(size: int, tracked: bool) -> None:
    duel = linear_duel(size)
    if tracked:
        duel.x.requires_grad_()
        duel.fake.requires_grad_()
    plain = objectives.build("hinge")
    for options, expected in [
        ({"weight": 10}, 160),
        ({"weight": 10, "points": "around"}, 160),
        ({"weight": 10, "points": "real", "target": 0.0}, 250),
        ({"weight": 10, "points": "fake", "target": 6.0, "one_sided": True}, 0),
    ]:
        penalised = regularizers.build("gradient_penalty", **options)(plain)
        assert (penalised.discriminator["penalty"](duel)).item() == pytest.approx(expected, abs=1e-9)
    assert (regularizers.build("r1", weight=10)(plain).discriminator["r1"](duel)).item() == pytest.approx(125)
    r3 = objectives.build("r3gan", weight=0.05).discriminator
    assert (r3["r1"](duel) + r3["r2"](duel)).item() == pytest.approx(1.25)
    for name in ("wgan_gp", "dragan"):
        assert (objectives.build(name).discriminator["penalty"](duel)).item() == pytest.approx(160, abs=1e-9)


def test_the_penalty_is_each_samples_own() -> None:
    """A critic whose slope differs from sample to sample: the mean of squares, not the square of a batch norm."""
    x = torch.tensor([[1.0, 0.0], [0.0, 3.0]], dtype=torch.float64)
    duel = Duel(lambda x, y: x.square().sum(1) / 2, x, x.clone())
    penalised = regularizers.build("gradient_penalty", weight=1, points="real")(objectives.build("hinge"))
    assert (penalised.discriminator["penalty"](duel)).item() == pytest.approx((0 + 4) / 2)


def test_the_penalty_has_a_finite_gradient_where_the_slope_is_zero() -> None:
    weight = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    x = torch.ones(3, 2, dtype=torch.float64)
    duel = Duel(lambda x, y: x @ weight, x, x)
    objectives.build("wgan_gp").discriminator["penalty"](duel).backward()
    assert weight.grad is not None
    assert weight.grad.isfinite().all()


def test_mixing_coefficients_are_one_a_sample() -> None:
    seen: list[Tensor] = []

    def watching(x: Tensor, y: Tensor | None) -> Tensor:
        seen.append(x.detach())
        return x.flatten(1).sum(1)

    duel = Duel(watching, torch.zeros(64, 1, 3, 2), torch.ones(64, 1, 3, 2))
    objectives.build("wgan_gp").discriminator["penalty"](duel)
    (points,) = seen
    assert (points == points[:, :1, :1, :1]).all(), "one coefficient for all of a sample's numbers"
    assert points[:, 0, 0, 0].unique().numel() == 64, "and another for each sample"


def test_dragan_points_lie_on_the_authors_side_of_the_data() -> None:
    seen: list[Tensor] = []

    def watching(x: Tensor, y: Tensor | None) -> Tensor:
        seen.append(x.detach())
        return x.sum(1)

    x = torch.randn(1000, 2, generator=torch.Generator().manual_seed(0))
    objectives.build("dragan").discriminator["penalty"](Duel(watching, x, x.clone()))
    moved = seen[0] - x
    assert moved.min() >= 0
    assert float(moved.mean()) == pytest.approx(float(x.std()) * 0.5 * 0.25, rel=0.1)


@pytest.mark.parametrize("logit", [-25.0, 25.0])
def test_generator_gradients_saturate_only_in_the_minimax_game(logit: float) -> None:
    for name, expected in [
        ("minimax", -1 / (1 + math.exp(-logit))),
        ("non_saturating", -1 / (1 + math.exp(logit))),
    ]:
        f = torch.tensor([[logit]], dtype=torch.float64, requires_grad=True)
        objectives.build(name).generator["fake"](Duel(lambda x, y: x[:, 0], f.detach(), f)).backward()
        assert float(f.grad) == pytest.approx(expected, rel=1e-9)


def test_lazy_penalties_weigh_the_same_on_average() -> None:
    plain, lazy = (regularizers.build("r1", weight=w)(objectives.build("hinge")) for w in (0.5, "0.5 every 4"))
    duels = [linear_duel() for _ in range(8)]
    for step, duel in enumerate(duels):
        duel.step = step
    values = [lazy.discriminator["r1"](duel).item() for duel in duels]
    assert [value > 0 for value in values] == [True, False, False, False] * 2
    assert sum(values) == pytest.approx(sum(plain.discriminator["r1"](duel).item() for duel in duels))


def test_instance_noise_is_seen_once_by_every_term() -> None:
    noisy = regularizers.build("instance_noise", std=1.0)(objectives.build("hinge"))
    calls = []

    def counting(x: Tensor, y: Tensor | None) -> Tensor:
        calls.append(x)
        return x[:, 0]

    duel = Duel(counting, torch.zeros(1000, 1), torch.zeros(1000, 1))
    total(noisy.discriminator, duel)
    assert len(calls) == 2, "one pass for the real samples, one for the fake, whatever the number of terms"
    assert float(calls[0].std()) == pytest.approx(1, rel=0.1)
    assert not torch.equal(*calls)


def test_wgan_clips_every_parameter_of_the_critic() -> None:
    critic = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3))
    objectives.build("wgan", clip=0.02).project(critic)
    assert all(p.abs().max() <= 0.02 for p in critic.parameters())
    assert critic[1].running_var.max() == 1, "buffers are not weights"
