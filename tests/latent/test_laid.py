"""Latents gone through: against decoders that are known, and over every game that decodes."""

import math

import pytest
import torch
from torch import nn

from saddlepoint import latent
from saddlepoint.errors import BadOption, BadRun
from saddlepoint.game import Codes, Decodes, Samples, Styles
from saddlepoint.latent._truncation import truncated
from saddlepoint.latent.interpolate import between, interpolate, spherical
from saddlepoint.latent.mix import mix
from saddlepoint.latent.relabel import relabel
from saddlepoint.latent.traverse import traverse
from saddlepoint.latent.truncate import truncate
from saddlepoint.saved.model import Model
from saddlepoint.spec import Spec
from tests.latent.test_invert import MADE, OWN_IMAGE, Linear, linear

WITHOUT = ("mix", "traverse", "truncate")


class Styled(Linear, Styles):
    """Three layers of styles: z + y, and the sample is their sum, each times its own matrix."""

    def __init__(self, **options):
        super().__init__(**options)
        self.matrices = nn.Parameter(torch.randn(3, self.size, math.prod(self.shape)))

    def style(self, z, y=None):
        w = z + 1 + (0 if y is None else y[:, None])
        return w[:, None].expand(-1, 3, -1)

    def paint(self, w):
        return torch.einsum("blw,lwd->bd", w, self.matrices).view(-1, *self.shape)

    decode = Styles.decode


def test_the_way_between_latents_is_a_part_of_a_great_circle():
    start, end = torch.tensor([2.0, 0.0, 0.0]), torch.tensor([0.0, 2.0, 0.0])
    way = spherical(start, end, torch.linspace(0, 1, 5))
    angle = torch.linspace(0, math.pi / 2, 5)
    expected = torch.stack([2 * angle.cos(), 2 * angle.sin(), torch.zeros(5)], 1)
    assert torch.allclose(way, expected, atol=1e-6)
    parallel = spherical(start, 3 * start, torch.tensor([0.0, 0.5, 1.0]))
    assert torch.allclose(parallel[:, 0], torch.tensor([2.0, 4.0, 6.0]))
    assert spherical(start, -start, torch.tensor([0.0, 1.0])).isfinite().all()


def test_ways_begin_and_end_where_they_should():
    model, z = linear(), torch.randn(3, 3)
    ways = between(model, z, None, 6)
    assert ways.x.shape == (2, 6, 6)
    assert torch.allclose(ways.x[:, 0], model.decode(z[:2]), atol=1e-5)
    assert torch.allclose(ways.x[:, -1], model.decode(z[1:]), atol=1e-5)
    assert ways.moves


def test_styles_go_straight_on():
    model, z = linear(kind=Styled), torch.randn(2, 3)
    ways = between(model, z, None, 3)
    ends = model.decode(z)
    assert torch.allclose(ways.x[0, 1], ends.mean(0), atol=1e-5)
    assert ways.z.shape == (1, 3, 3, 3)


def test_samples_that_are_there_are_the_ends_of_ways():
    model = linear(classes=3, size=2)
    x = model.decode(torch.tensor([[0.1, 0.5], [-0.4, 0.2]]), torch.tensor([2, 2]))
    found = interpolate(model, x, steps=300, frames=4)
    assert torch.allclose(found.x[0, 0], x[0], atol=0.02)
    assert torch.allclose(found.x[0, -1], x[1], atol=0.02)
    with pytest.raises(BadOption, match="interpolate wants at least two samples to go from and to, got 1"):
        interpolate(model, x[:1])


@pytest.mark.parametrize(("kind", "psi"), [(Linear, 0.5), (Styled, 0.5), (Linear, 0.0), (Styled, 0.0), (Styled, 1.0)])
def test_psi_scales_about_the_middle(kind, psi):
    """A linear decoder's samples have their mean, and a deviation psi times as large, of each class about its own."""
    model = linear(kind=kind, classes=3)
    near = truncated(model, psi=psi)
    for label in (0, 2):
        whole, close = (one.sample(20_000, label, seed=1) for one in (model, near))
        assert torch.allclose(close.mean(0), whole.mean(0), atol=0.2)
        assert torch.allclose(close.std(0), psi * whole.std(0), rtol=0.03, atol=1e-4)
    assert torch.equal(near.sample(3, 0, seed=4), near.sample(3, 0, seed=4))


def test_a_threshold_draws_again_what_lies_beyond():
    model = truncated(linear(), threshold=1.0)
    z = model.game.latents(5000)
    assert z.abs().max() < 1.05
    # The deviation of a normal number within one of its own.
    assert z.std().item() == pytest.approx(0.5396, abs=0.02)
    with pytest.raises(BadOption, match="take a larger one"):
        truncated(linear(), threshold=1e-6).sample(5)
    for wrong in (-1.0, 0.0, math.nan, math.inf):
        with pytest.raises(BadOption, match="threshold: wanted more than 0 deviations, got"):
            truncated(linear(), threshold=wrong)
    for wrong in (math.nan, math.inf):
        with pytest.raises(BadOption, match=r"truncation: wanted a number such as 0\.7, got"):
            truncated(linear(), psi=wrong)


def test_the_rows_of_a_sheet_are_the_same_latents_nearer_to_the_middle():
    model = linear(kind=Styled, classes=2)
    found = truncate(model, psi="1, 0.5 0", columns=4)
    assert list(found.names) == ["psi 1", "psi 0.5", "psi 0"]
    assert torch.allclose(found.x[1], (found.x[0] + found.x[2]) / 2, atol=1e-4)
    with pytest.raises(BadOption, match=r"psi: wanted numbers such as '1 0\.7 0\.5', got '1 half'"):
        truncate(model, psi="1 half")


def test_coarse_styles_are_the_rows_and_fine_ones_the_columns():
    model = linear(kind=Styled)
    found = mix(model, rows=2, columns=3, layer=1)
    assert found.x.shape == (3, 4, 6)
    w = found.z
    for row in (1, 2):
        for column in (1, 2, 3):
            assert torch.equal(w[row, column, :1], w[row, 0, :1])
            assert torch.equal(w[row, column, 1:], w[0, column, 1:])
    assert torch.allclose(found.x[1, 2], model.game.paint(w[1, 2][None])[0])
    with pytest.raises(BadOption, match="layer: wanted one from 1 to 2, got 3"):
        mix(model, layer=3)
    with pytest.raises(BadRun, match="a Linear has no styles to mix; --game stylegan has"):
        mix(linear())


def test_the_first_direction_changes_samples_the_most():
    model = linear()
    with torch.no_grad():
        model.game.layer.weight.copy_(
            torch.tensor([[3.0, 0, 0], [0, 1, 0], [0, 0, 0.1], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
        )
    found = traverse(model, directions=3, columns=5, reach=2.0)
    steps = found.z[:, -1] - found.z[:, 0]
    assert torch.allclose(steps.abs(), 4 * torch.eye(3), atol=0.5)
    change = (found.x[:, -1] - found.x[:, 0]).norm(dim=1)
    assert (change.diff() < 0).all()
    assert torch.allclose(found.x[:, 2], found.x[:1, 2].expand(3, -1), atol=1e-5), "the middle is the sample itself"


def test_principal_directions_of_styles_are_as_long_as_they_vary():
    model = linear(kind=Styled)
    found = traverse(model, directions=2, columns=3, reach=1.0)
    assert (found.z[:, -1] - found.z[:, 1])[:, 0].norm(dim=1).mean().item() == pytest.approx(1, abs=0.05)


def test_a_sample_is_asked_for_in_another_class_or_in_each():
    model = linear(classes=3, size=2)
    z, y = torch.tensor([[0.1, 0.5], [-0.4, 0.2]]), torch.tensor([2, 0])
    found = relabel(model, model.decode(z, y), 1, steps=400, tuning=0)
    assert torch.equal(found.y, y)
    assert list(found.x) == ["b"]
    assert torch.allclose(found.x["b"], model.decode(z, torch.tensor([1, 1])), atol=0.02)
    every = relabel(model, model.decode(z, y), steps=400, tuning=0)
    assert list(every.x) == ["a", "b", "c"]
    assert torch.equal(every.x["b"], found.x["b"])
    with pytest.raises(BadRun, match="was trained without classes; there is no other to ask for"):
        relabel(linear(), torch.zeros(1, 6), 0)


def test_a_decoder_is_taught_what_it_cannot_make():
    """Of six numbers it makes a plane: what lies beside it is found by moving the decoder alone."""
    model = linear(classes=3, size=2)
    before = {name: value.clone() for name, value in model.game.state_dict().items()}
    away = model.decode(torch.tensor([[0.1, 0.5]]), torch.tensor([2])) + torch.tensor(
        [[0.3, -0.3, 0.3, -0.3, 0.3, -0.3]]
    )
    as_it_is, moved = (relabel(model, away, steps=50, tuning=steps, tuning_rate=0.01) for steps in (0, 200))
    assert as_it_is.errors.item() > 0.1
    assert moved.errors.item() < 0.01
    assert torch.equal(moved.z, as_it_is.z)
    for name, label in (("a", 0), ("b", 1)):
        changes = model.decode(moved.z, torch.tensor([label])) - model.decode(moved.z, moved.y)
        assert changes.abs().max() > 0.1
        assert torch.allclose(moved.x[name] - moved.same, changes, atol=0.02), "the class changes what it changed"
    assert all(torch.equal(value, before[name]) for name, value in model.game.state_dict().items())
    assert all(weight.grad is None for weight in model.game.parameters())


@pytest.mark.parametrize("verb", WITHOUT)
@pytest.mark.parametrize("name", [name for name, game in MADE.items() if isinstance(game, Decodes)])
def test_every_game_that_decodes_is_gone_through_or_says_why_not(name, verb):
    model = Model(MADE[name], OWN_IMAGE, 0)
    state = torch.get_rng_state()
    label = 1 if isinstance(model.game, Samples) and model.game.classes else None
    coded = isinstance(model.game, Codes) and model.game.codes and verb == "truncate"
    if coded or (verb == "mix" and not isinstance(model.game, Styles)):
        with pytest.raises(BadRun, match=r"hold codes|no styles"):
            latent.build(verb, model, label)
        return
    found = latent.build(verb, model, label)
    assert found.x.shape == (*found.z.shape[:2], *OWN_IMAGE.shape)
    assert len(found.names) == len(found.x)
    assert 0 <= found.x.min() <= found.x.max() <= 1
    assert torch.equal(state, torch.get_rng_state())
    again = latent.build(verb, model, label)
    assert torch.equal(found.x, again.x)
    assert not torch.equal(found.x, latent.build(verb, model, label, seed=1).x)
    assert all(p.grad is None for p in model.game.parameters())


def test_what_is_asked_for_by_something_else_has_no_mean_style():
    spec = Spec((6,), given=Spec((2,)))
    game = Styled()
    game.asking = True
    Styled.asks = property(lambda game: getattr(game, "asking", False))
    try:
        with pytest.raises(BadRun, match="styles have a mean of each class, and this model is asked for by something"):
            truncated(Model(game, spec, 0), psi=0.5)
    finally:
        del Styled.asks


@pytest.mark.parametrize("name", [name for name, game in MADE.items() if isinstance(game, Decodes)])
def test_every_game_that_decodes_relabels_and_interpolates_or_says_why_not(name):
    model, x = Model(MADE[name], OWN_IMAGE, 0), torch.rand(2, *OWN_IMAGE.shape)
    ways = latent.build("interpolate", model, x, steps=2, frames=3)
    assert ways.x.shape == (1, 3, *OWN_IMAGE.shape)
    assert ways.x.isfinite().all()
    if not (isinstance(model.game, Samples) and model.game.classes):
        with pytest.raises(BadRun, match="was trained without classes"):
            latent.build("relabel", model, x, 1)
        return
    found = latent.build("relabel", model, x, 1, steps=2, tuning=0)
    (other,) = found.x.values()
    assert other.shape == found.same.shape == x.shape
    assert torch.allclose(other, model.decode(found.z, 1), atol=1e-5)
    assert torch.allclose(found.same, model.decode(found.z, found.y), atol=1e-5)
    assert found.errors.shape == (2,)
    state = torch.get_rng_state()
    moved = latent.build("relabel", model, x, 1, steps=2, tuning=30)
    assert torch.equal(state, torch.get_rng_state())
    assert (moved.errors < found.errors).all()
