"""The signals on losses whose answer is known."""

import pytest
import torch

from saddlepoint import objectives, regularizers
from saddlepoint.game import Loss
from saddlepoint.training.loop import Step
from saddlepoint.training.signals import signals


def told(**seen):
    skipped = {"discriminator": 3, "generator": torch.tensor(4)}
    step = Step(
        0, {"discriminator": Loss({}, seen)}, {}, skipped, {"generator": [torch.tensor([3.0]), torch.tensor(4.0)]}, {}
    )
    return signals(step)


def test_what_can_be_told_apart_does_not_depend_on_the_scores_scale():
    real, fake = torch.tensor([3.0, 1.0]), torch.tensor([0.0, 2.0, 1.0])
    expected = (3 + 1 + 0.5) / 6
    for scale, shift in ((1, 0), (1e-3, 5), (100, -900)):
        found = told(on_real=real * scale + shift, on_fake=fake * scale + shift)
        assert found["discriminator/told_apart"] == pytest.approx(expected)


def test_variety_is_the_ratio_of_deviations():
    x = torch.randn(500, 2, 3)
    assert told(x=x, fake=0.25 * x + 7)["discriminator/variety"] == pytest.approx(0.25)
    assert told(x=x, fake=x[:1].expand(500, 2, 3))["discriminator/variety"] == pytest.approx(0, abs=1e-6)
    assert "discriminator/variety" not in told(x=x[:1], fake=x[:1])


def test_moves_left_out_are_counted_on_any_device():
    assert told() == {"discriminator/skipped": 3, "generator/skipped": 4, "generator/weight": 5}


def test_what_two_players_see_is_told_of_one():
    seen = {"x": torch.randn(9, 2), "fake": torch.randn(9, 2), "on_real": torch.zeros(9), "on_fake": torch.zeros(9)}
    found = signals(Step(0, dict.fromkeys(("discriminator", "generator"), Loss({}, seen)), {}, {}, {}, {}))
    assert found.keys() == {"discriminator/told_apart", "generator/variety", "generator/variety_error"}


@pytest.mark.parametrize(("size", "draw"), [(16, torch.randn), (256, torch.randn), (256, torch.rand)])
def test_the_error_of_variety_is_what_batches_put_it_off(size, draw):
    """Of batches of one number, drawn alike."""
    torch.manual_seed(0)
    seen = [told(x=draw(size, 1), fake=draw(size, 1)) for _ in range(400)]
    varieties = torch.tensor([one["discriminator/variety"] for one in seen])
    errors = torch.tensor([one["discriminator/variety_error"] for one in seen])
    assert float(errors.median()) == pytest.approx(float(varieties.std()), rel=0.35)


@pytest.mark.parametrize("std", [0.0, 0.1])
def test_what_is_seen_through_a_view_is_seen(std, small_gan):
    objective = regularizers.build("instance_noise", std=std)(objectives.build("minimax"))
    loss = small_gan(objective=objective).discriminator_loss({"x": torch.randn(6, 2)}, 0)
    assert loss.seen.keys() == {"x", "fake", "on_real", "on_fake"}
