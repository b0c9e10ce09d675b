"""From samples to latents: against decoders whose inverse is known, and over every game that decodes."""

from contextlib import suppress
from dataclasses import replace

import pytest
import torch
from torch import nn

from saddlepoint import games, latent
from saddlepoint.errors import BadData, BadOption, BadRun
from saddlepoint.game import Decodes, Discerns, Game, Samples
from saddlepoint.latent._blending import paste, poisson
from saddlepoint.latent._match import weight_of
from saddlepoint.latent.invert import invert
from saddlepoint.saved.model import Model
from saddlepoint.spec import IMAGE_UNITS, Spec, Units
from tests.conftest import IMAGE, made_small

FEW = {"steps": 3, "starts": 2}
OWN_IMAGE = replace(IMAGE, units=IMAGE_UNITS)


class Linear(Game, Samples, Decodes):
    """x = A z + b, and class y adds y to each number."""

    def __init__(self, shape=(6,), size=3, classes=0):
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.shape, self.size, self.classes = (
            nn.Linear(size, int(torch.tensor(shape).prod())),
            shape,
            size,
            classes,
        )

    def players(self):
        return ()

    def sample(self, n, y=None):
        return self.decode(self.latents(n), y)

    def latents(self, n):
        return torch.randn(n, self.size)

    def decode(self, z, y=None):
        return self.layer(z).view(-1, *self.shape) + (0 if y is None else y.view(-1, *[1] * len(self.shape)))


class Discerned(Linear, Discerns):
    """A discriminator that likes large first numbers."""

    def discern(self, x, y=None):
        return 10 * x.flatten(1)[:, 0]


def linear(kind=Linear, **options):
    game = kind(**options)
    names = tuple("abc"[: game.classes])
    units = IMAGE_UNITS if len(game.shape) == 3 else Units()
    return Model(game, Spec(game.shape, names, (1 / 3,) * len(names), units=units), 0)


def test_the_latents_of_a_linear_decoders_samples_are_found():
    model = linear()
    z = torch.tensor([[0.5, -1.0, 0.2], [1.0, 0.3, -0.7]])
    found = invert(model, model.decode(z), steps=600, starts=1)
    assert torch.allclose(found.z, z, atol=2e-3)
    assert torch.equal(found.x, model.decode(found.z))
    assert torch.equal(found.filled, found.x), "nothing to fill"
    assert found.errors.max() < 1e-3
    assert found.y is None


def test_what_is_hidden_of_a_linear_decoders_sample_follows_from_the_rest():
    model, mask = linear(), torch.tensor([[1.0, 1, 1, 1, 0, 0]])
    truth = model.decode(torch.tensor([[0.5, -1.0, 0.2]]))
    broken = torch.where(mask > 0, truth, 9.0)
    found = invert(model, broken, mask, steps=600, starts=1, blend="paste")
    assert torch.allclose(found.filled, truth, atol=5e-3)
    assert torch.equal(found.filled[:, :4], truth[:, :4])


def test_what_is_no_sample_is_brought_to_the_one_of_least_absolute_difference():
    model = linear(shape=(2,), size=1)
    with torch.no_grad():
        model.game.layer.weight.copy_(torch.tensor([[1.0], [3.0]]))
        model.game.layer.bias.zero_()
    # |z - 1| + |3 z - 0| is least where its steeper part is 0.
    found = invert(model, torch.tensor([[1.0, 0.0]]), steps=600, starts=1)
    assert found.z.item() == pytest.approx(0.0, abs=2e-3)
    assert found.errors.item() == pytest.approx(0.5, abs=2e-3)


def test_latents_stay_where_the_prior_is():
    model = linear()
    found = invert(model, model.decode(torch.full((1, 3), 50.0)), steps=300)
    assert found.z.norm() < 4


def test_the_class_is_told_by_what_is_known():
    model = linear(classes=3, size=1)
    z, y = torch.tensor([[0.1], [-0.2], [0.0]]), torch.tensor([2, 0, 1])
    found = invert(model, model.decode(z, y), steps=200)
    assert torch.equal(found.y, y)
    assert torch.equal(invert(model, model.decode(z, y), y=1, **FEW).y, torch.ones(3).long())


def test_a_discriminator_pulls_as_strongly_as_told():
    model = linear(kind=Discerned)
    x = model.decode(torch.zeros(1, 3))
    first = [invert(model, x, prior_weight=w, steps=100).x[0, 0] for w in (0.0, 10.0)]
    assert first[0] == pytest.approx(x[0, 0].item(), abs=0.01)
    assert first[1] > x[0, 0] + 0.1


def test_more_starts_are_never_worse():
    model, x = linear(), torch.rand(3, 6)
    errors = [invert(model, x, steps=5, starts=starts).errors for starts in (1, 2, 5)]
    assert (errors[1] <= errors[0] + 1e-6).all()
    assert (errors[2] <= errors[1] + 1e-6).all()
    assert (errors[2] < errors[0] - 1e-3).any()


def test_a_seed_makes_the_same_latents_and_leaves_the_random_state():
    model, x = linear(), torch.rand(2, 6)
    state = torch.get_rng_state()
    one = invert(model, x, seed=1, **FEW)
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(one.z, invert(model, x, seed=1, **FEW).z)
    assert not torch.equal(one.z, invert(model, x, seed=2, **FEW).z)


def made(name):
    """A small game of labelled images, or None where it takes none."""
    for network in ("dcgan", "stylegan2"):
        with suppress(BadData, BadOption):
            return made_small(name, OWN_IMAGE, network=network).eval()
    return None


MADE = {name: game for name in games.names() if (game := made(name)) is not None}


@pytest.mark.parametrize("name", [name for name, game in MADE.items() if isinstance(game, Decodes)])
def test_every_game_that_decodes_fills_holes_and_keeps_what_is_known(name):
    model, x, mask = Model(MADE[name], OWN_IMAGE, 0), torch.rand(3, *OWN_IMAGE.shape), torch.ones(1, 1, 9, 6)
    mask[..., 2:6, 1:4] = 0
    before = {key: value.clone() for key, value in model.state_dict().items()}
    for blend in ("poisson", "paste"):
        found = invert(model, x, mask, blend=blend, **FEW)
        assert found.x.shape == found.filled.shape == x.shape
        assert torch.equal(found.filled.where(mask > 0, 0), x.where(mask > 0, 0))
        assert not torch.equal(found.filled, x)
        assert 0 <= found.filled.min() <= found.filled.max() <= 1
        assert found.errors.isfinite().all()
        asked = isinstance(model.game, Samples) and model.game.classes
        assert (found.y is not None) == bool(asked)
        assert torch.allclose(found.x, model.decode(found.z, found.y), atol=1e-6)
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert all(p.grad is None for p in model.game.parameters())


@pytest.mark.parametrize("name", [name for name, game in MADE.items() if not isinstance(game, Decodes)])
def test_a_game_that_does_not_decode_says_so(name):
    with pytest.raises(BadRun, match="decodes no latents; gan, infogan, vae, autoencoder, flow and encoder do"):
        invert(Model(MADE[name], OWN_IMAGE, 0), torch.rand(3, *OWN_IMAGE.shape), **FEW)


def test_only_pictures_with_a_hole_are_given_back():
    model, x = linear(shape=(1, 4, 4)), torch.rand(2, 1, 4, 4)
    mask = torch.ones(2, 1, 4, 4)
    mask[0, :, 1:3, 1:3] = 0
    found = invert(model, x, mask, **FEW)
    assert torch.equal(found.filled[1], found.x[1])
    assert torch.equal(found.filled[0].where(mask[0] > 0, 0), x[0].where(mask[0] > 0, 0))


def test_places_count_by_how_much_of_their_window_is_missing():
    known = torch.ones(1, 1, 5, 5)
    known[..., 2, 2] = 0
    weight = weight_of(known, 1)[0, 0]
    assert weight[2, 2] == 0
    assert weight[1, 1] == weight[2, 1] == pytest.approx(0.2 + 1 / 9)
    assert weight[0, 0] == weight[0, 2] == pytest.approx(0.2)
    assert torch.equal(weight_of(known, 0), known)


def test_pasting_keeps_what_is_known():
    x, other, known = torch.rand(2, 3, 4, 5), torch.rand(2, 3, 4, 5), (torch.rand(2, 1, 4, 5) > 0.5).float()
    assert torch.equal(paste(x, other, known), known * x + (1 - known) * other)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_poisson_reproduces_an_image_whose_gradients_the_sample_has(share):
    torch.manual_seed(0)
    x, known = torch.rand(2, 3, 12, 9), (torch.rand(2, 1, 12, 9) > share).float()
    filled = poisson(x, x + torch.tensor([0.3, -2.0, 7.0]).view(3, 1, 1), known)
    assert torch.allclose(filled, x, atol=1e-5)
    assert torch.equal(filled.where(known > 0, 0), x.where(known > 0, 0))


def test_poisson_without_gradients_is_a_straight_line_between_what_is_known():
    x = torch.tensor([0.0, 9.0, 9.0, 9.0, 1.0]).view(1, 1, 1, 5)
    known = torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0]).view(1, 1, 1, 5)
    filled = poisson(x, torch.full_like(x, 0.4), known)
    assert torch.allclose(filled.flatten(), torch.linspace(0, 1, 5), atol=1e-6)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"mask": torch.ones(1, 1, 9, 7)}, r"mask: wanted \(2, 1, 9, 6\) or \(1, 1, 9, 6\), got \(1, 1, 9, 7\)"),
        ({"mask": torch.ones(3, 1, 9, 6)}, "mask: wanted"),
        ({"mask": torch.zeros(1, 1, 9, 6)}, "nothing of a sample is known"),
        ({"x": torch.rand(2, 1, 9, 6)}, "samples: wanted 2 x 9 x 6 each, got 1 x 9 x 6"),
        ({"y": 7}, "among the classes 0"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(told, words):
    model = Model(MADE["gan"], OWN_IMAGE, 0)
    with pytest.raises(BadOption, match=words) as refusal:
        invert(model, **{"x": torch.rand(2, *OWN_IMAGE.shape), **FEW, **told})
    assert "\n" not in str(refusal.value)


def test_vectors_have_no_gradients():
    with pytest.raises(BadOption, match="blend: only images have gradients; take paste"):
        invert(linear(), torch.rand(1, 6), torch.tensor([[1.0, 1, 1, 1, 1, 0]]), **FEW)


def test_its_options_are_those_of_a_shelf():
    assert "invert" in latent.names()
    with pytest.raises(BadOption, match="did you mean 'steps'"):
        latent.build("invert", linear(), torch.rand(1, 6), step=3)
    with pytest.raises(BadOption, match=r"verb\.starts: wanted a whole number from 1 to 100, got 0"):
        latent.build("invert", linear(), torch.rand(1, 6), starts=0)
