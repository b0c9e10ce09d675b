"""What costs nothing: exact where it can be."""

import pytest
import torch

from saddlepoint import data, games, networks, objectives, tasks
from saddlepoint.asking import Questions, questions, to_judge
from saddlepoint.judging.costless import costless
from saddlepoint.source import Stored, shares_of
from saddlepoint.spec import IMAGE_UNITS, Spec, Units
from saddlepoint.task import Derived


def found(source, asked):
    return {name: make() for name, make in costless(source, asked)}


def test_a_linear_map_is_found():
    source = torch.Generator().manual_seed(0)
    y, map_ = torch.rand(200, 4, generator=source), torch.rand(4, 3, generator=source) / 4
    x = y @ map_
    spec = Spec((3,), given=Spec((4,)))
    known = Stored(spec, x[:150], y[:150], x[150:], y[150:])
    cheap = found(known, Questions(50, y[150:], None, x[150:]))
    assert set(cheap) == {"mean", "nearest", "ridge"}
    assert torch.allclose(cheap["ridge"], x[150:], atol=1e-2)
    assert torch.allclose(cheap["mean"][0], x[:150].mean(0), atol=1e-5)
    near = torch.cdist(y[150:], y[:150]).argmin(1)
    assert torch.equal(cheap["nearest"], x[:150][near])


@pytest.mark.parametrize("task", tasks.names())
def test_each_task_has_some_and_what_is_kept_stays(task):
    inner = data.build("patches", size=12)
    source = Derived(inner, tasks.build(task, inner.spec))
    real = source.held_out().rows(slice(8))
    cheap = found(source, Questions(8, real.y, None, real.x))
    assert set(cheap) == {"given", "mean", "nearest", "ridge"}
    for x in cheap.values():
        assert x.shape == real.x.shape
        assert 0 <= x.min() <= x.max() <= 1
        if source.spec.keeps == "places":
            alpha = real.y[:, -1:].expand_as(x)
            assert torch.equal(x[alpha == 1], real.x[alpha == 1])


def test_moments_undo_a_change_of_scale():
    source = torch.Generator().manual_seed(0)
    a = 0.3 + 0.2 * torch.rand(300, 3, 4, 4, generator=source)
    b = 1 - a.flip(0)
    seen = torch.cat([a, b]) * 2 - 1
    y = torch.arange(2).repeat_interleave(300)
    spec = Spec((3, 4, 4), ("a", "b"), shares_of(y, 2), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    asked = Questions(2, torch.tensor([1, 1]), a[:2], b[:2], torch.tensor([1, 1]))
    cheap = found(Stored(spec, seen, y), asked)
    assert set(cheap) == {"given", "mean", "moments"}
    assert torch.equal(cheap["given"], asked.x)
    expected = (a[0] - a.mean((0, 2, 3))[:, None, None]) / a.std((0, 2, 3))[:, None, None]
    expected = expected * b.std((0, 2, 3))[:, None, None] + b.mean((0, 2, 3))[:, None, None]
    assert torch.allclose(cheap["moments"][0], expected, atol=1e-4)


def test_what_is_not_known_is_not_compared():
    assert list(costless(data.build("ring"), Questions(5))) == []


def test_questions_are_what_a_game_answers():
    spec = Spec((3,), given=Spec((4,), units=Units()))
    x, y = torch.rand(20, 3), torch.rand(20, 4)
    source = Stored(spec, x, y, x[:5], y[:5])
    objective, network = objectives.build("hinge"), networks.build("mlp", width=4)
    from saddlepoint import priors

    game = games.build("gan", spec, objective, network, priors.build("gaussian"), latent=2)
    asked = questions(game, source.held_out())
    assert torch.equal(asked.y, y[:5])
    assert torch.equal(asked.truth, x[:5])
    assert to_judge(game, source, source.held_out(), 100).n == 5
    plain = games.build("gan", spec.unasked, objective, network, priors.build("gaussian"), latent=2)
    assert to_judge(plain, source, source.held_out(), 100) == Questions(100)
