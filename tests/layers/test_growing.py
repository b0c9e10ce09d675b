"""Networks that grow: what counts at each step, and that sizes are faded in."""

import math

import pytest
import torch
from torch.nn.functional import avg_pool2d, interpolate

from saddlepoint import games, networks, objectives, priors, train
from saddlepoint.laws import zoo
from saddlepoint.layers.growing import Grows, Shrinking
from saddlepoint.spec import Spec

SIZES = [(16, 16), (8, 8), (4, 4)]
SPEC = Spec((2, 16, 16), bounds=(-1.0, 1.0))


@pytest.mark.parametrize(
    ("step", "place", "share"),
    [(0, 0, 1), (5, 0, 1), (75, 1, 0.5), (100, 1, 1), (149, 1, 1), (175, 2, 0.5), (200, 2, 1), (9999, 2, 1)],
)
def test_each_smaller_size_has_its_share_and_fades_in_the_next_in_its_second_half(step, place, share):
    network = Grows(SIZES, 200)
    network.grow(step)
    assert network.top == (place, pytest.approx(share, abs=1e-4))


def test_what_is_shown_is_as_sharp_as_what_is_made():
    network, x = Grows(SIZES, 200), torch.randn(3, 2, 16, 16)
    network.grow(0)
    assert torch.allclose(network.shown(x), interpolate(avg_pool2d(x, 4), scale_factor=4), atol=1e-6)
    network.grow(75)
    middle, small = avg_pool2d(x, 2), interpolate(avg_pool2d(x, 4), scale_factor=2)
    assert torch.allclose(network.shown(x), interpolate((middle + small) / 2, scale_factor=2), atol=1e-6)
    network.grow(200)
    assert network.shown(x) is x


def test_a_discriminator_sees_no_more_than_the_size_that_counts():
    torch.manual_seed(0)
    network, x = Shrinking((2, 16, 16), 4, 200), torch.randn(3, 2, 16, 16)
    for step in (0, 75, 100, 175):
        network.grow(step)
        place, _ = network.top
        blurred = interpolate(avg_pool2d(x, 4 // 2**place), scale_factor=4 // 2**place)
        assert torch.allclose(network(x), network(blurred), atol=1e-5)
        assert not torch.allclose(network(x), network(-x), atol=1e-3)


@pytest.mark.parametrize("name", ["progressive", "stylegan"])
def test_nothing_jumps_where_a_size_comes_in(name):
    """Just before and after each change of what counts, samples and features are all but the same."""
    torch.manual_seed(0)
    made = networks.build(name, width=4, growth=2_000_000)
    decoder, encoder = made.decoder(3, SPEC.shape, 0).eval(), made.encoder(SPEC.shape).eval()
    z, x = torch.randn(4, 3), torch.randn(4, *SPEC.shape)
    for step in (500_000, 1_000_000, 1_500_000, 2_000_000):
        found = []
        for at in (step - 1, step + 1):
            decoder.grow(at)
            encoder.grow(at)
            found.append((decoder(z), encoder(decoder.shown(x))))
        (one, seen), (other, again) = found
        assert torch.allclose(one, other, atol=1e-3)
        assert torch.allclose(seen, again, atol=1e-3)
    assert one.shape == (4, *SPEC.shape)


@pytest.mark.parametrize(("game", "name"), [("gan", "progressive"), ("stylegan", "stylegan")])
def test_all_of_a_network_is_trained_while_it_grows_and_its_average_grows_along(game, name):
    torch.manual_seed(0)
    made = networks.build(name, width=4, growth=8)
    parts = objectives.build("non_saturating"), made, priors.build("gaussian")
    game = games.build(game, SPEC, *parts, latent=5)
    before = {name: value.clone() for name, value in game.named_parameters()}
    steps = train(game, zoo.batches_of(SPEC), zoo.adams(game))
    stages = []
    for _ in range(11):
        next(steps)
        stages.append(float(game.average.decoder.stage))
        assert game.sample(2).shape == (2, *SPEC.shape)
    assert stages == [min(step / 8, 1) * 2 for step in range(11)]
    still = [name for name, value in game.named_parameters() if torch.equal(value, before[name])]
    assert not still


@pytest.mark.parametrize("name", ["progressive", "stylegan"])
def test_vectors_have_no_smaller_sizes(name):
    torch.manual_seed(0)
    made = networks.build(name, width=4, growth=8)
    parts = objectives.build("non_saturating"), made, priors.build("gaussian")
    game = games.build("gan", zoo.PLANE, *parts, latent=5)
    steps = train(game, zoo.batches_of(zoo.PLANE), zoo.adams(game))
    for _ in range(9):
        assert all(math.isfinite(value) for value in next(steps).scalars().values())
    assert game.sample(3).shape == (3, 2)


def test_a_game_whose_networks_do_not_grow_says_so(refused, tmp_path):
    grown = ["--network", "progressive", "--network.growth", 50, "--out", tmp_path / "run"]
    said = "network.growth: the networks of a vae do not grow; leave it 0, or take --game gan"
    assert said in refused("train", "digits", "--game", "vae", *grown)
    assert not (tmp_path / "run").exists()


def test_a_network_that_does_not_grow_has_no_part_that_nothing_uses():
    grown, plain = (networks.build("progressive", width=4, growth=growth).encoder((2, 16, 16)) for growth in (9, 0))
    assert sum(p.numel() for p in grown.parameters()) > sum(p.numel() for p in plain.parameters())
