"""Energies, balances, classes and codes, against numbers worked out by hand."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from saddlepoint import Duel, games, networks, objectives, priors, train
from saddlepoint.errors import BadData, BadOption
from saddlepoint.games._reading import Reading
from saddlepoint.games.began import BEGAN, Balance
from saddlepoint.games.ebgan import likeness
from saddlepoint.games.infogan import InfoGAN
from saddlepoint.spec import Spec
from tests.conftest import IMAGE, PLANE, VECTOR, batches_of

PARTS = objectives.build("non_saturating"), networks.build("mlp", width=8), priors.build("gaussian")


class Fixed(nn.Module):
    """Scores that are the samples themselves."""

    def forward(self, x, y=None):
        return x[:, 0]


def energies(real, fake):
    return Duel(Fixed(), -torch.tensor([[real]]), -torch.tensor([[fake]]))


@pytest.mark.parametrize(("margin", "expected"), [(2.0, 1.5), (10.0, 9.25)])
def test_the_margin_of_energies(margin, expected):
    objective = games.build("ebgan", PLANE, *PARTS[1:], margin=margin).objective
    duel = energies(1.5, 2.25)
    assert sum(term(duel) for term in objective.discriminator.values()).item() == pytest.approx(expected)
    assert objective.generator["energy"](duel).item() == pytest.approx(2.25)


def test_the_margin_is_each_samples_own():
    objective = games.build("ebgan", PLANE, *PARTS[1:], margin=2.0).objective
    duel = Duel(Fixed(), torch.zeros(2, 1), -torch.tensor([[1.0], [9.0]]))
    assert objective.discriminator["fake"](duel).item() == pytest.approx((1 + 0) / 2)


def test_pulling_away_is_the_mean_squared_cosine_of_different_codes():
    codes = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    assert likeness(codes).item() == pytest.approx(0.333333, abs=1e-6)
    assert likeness(torch.ones(4, 3)).item() == pytest.approx(1)
    assert likeness(codes[:1]).item() == 0


def test_an_energy_is_the_norm_of_what_the_autoencoder_misses(small_game):
    game = small_game("ebgan", IMAGE)
    batch = batches_of(IMAGE)(0)
    d = game.discriminator
    missed = d.decoder(d.encoder(batch["x"], batch["y"]), batch["y"]) - batch["x"]
    assert torch.allclose(-d(batch["x"], batch["y"]), missed.flatten(1).norm(dim=1), atol=1e-5)
    game = small_game("began", IMAGE)
    d = game.discriminator
    missed = d.decoder.unbounded(d.encoder(batch["x"], batch["y"]), batch["y"]) - batch["x"]
    assert torch.allclose(-d(batch["x"], batch["y"]), missed.flatten(1).abs().mean(1), atol=1e-6)


def test_balance_is_controlled():
    game = BEGAN(nn.Linear(2, 1), Fixed(), priors.build("gaussian"), 2, (), Balance(0.5, 0.001))
    game.balance.k.fill_(0.2)
    duel = energies(1.5, 2.25)
    assert sum(t(duel) for t in game.objective.discriminator.values()).item() == pytest.approx(1.05)
    game.balance.remember(duel.on_real)
    assert float(game.balance.real + game.balance.imbalance(torch.tensor(2.25)).abs()) == pytest.approx(3.0)
    game.balance.move(duel.on_fake)
    assert float(game.balance.k) == pytest.approx(0.1985)
    for _ in range(400):
        game.balance.move(duel.on_fake)
    assert float(game.balance.k) == 0, "never below 0"
    game.balance.real.fill_(100.0)
    for _ in range(100):
        game.balance.move(duel.on_fake)
    assert float(game.balance.k) == 1, "never above 1"


def test_balance_moves_in_play_and_is_told(small_game, adams):
    game = small_game("began", PLANE, gain=0.5)
    told = []
    far = lambda index: {"x": 10 * batches_of(PLANE)(index)["x"]}
    for step in train(game, far, adams(game), seed=0):
        told.append(step.scalars())
        if step.index == 3:
            break
    assert told[0]["generator/k"] == 0
    assert 0 < told[-1]["generator/k"] <= 1
    assert told[-1]["generator/convergence"] > 0
    assert "k" not in dict(game.named_parameters())


def test_the_class_is_read_in_real_samples_by_one_and_in_fakes_by_both_on_demand():
    plain = games.build("acgan", VECTOR, *PARTS, real_weight=2.0, fake_weight=3.0)
    assert set(plain.objective.discriminator) == {"real", "fake", "class"}
    assert set(plain.objective.generator) == {"fake", "class"}
    paper = games.build("acgan", VECTOR, *PARTS, discriminator_reads_fakes=True)
    assert "fake_class" in paper.objective.discriminator
    batch = batches_of(VECTOR)(0)
    d = plain.discriminator
    assert isinstance(d, Reading)
    duel = Duel(d, batch["x"], -batch["x"], batch["y"])
    on_real = cross_entropy(d.classes(d.features(batch["x"])), batch["y"])
    on_fake = cross_entropy(d.classes(d.features(-batch["x"])), batch["y"])
    assert plain.objective.discriminator["class"](duel).item() == pytest.approx(2 * on_real.item())
    assert plain.objective.generator["class"](duel).item() == pytest.approx(3 * on_fake.item())


def test_reading_the_class_costs_no_further_pass():
    game = games.build("acgan", VECTOR, *PARTS)
    passes = []
    game.discriminator.encoder.register_forward_hook(lambda *_: passes.append(1))
    game.discriminator_loss(batches_of(VECTOR)(0), 0)
    assert len(passes) == 2
    game.generator_loss(batches_of(VECTOR)(0), 0)
    assert len(passes) == 3


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gan", {"latent": 0}),
        ("gan", {"discriminator_steps": 0}),
        ("gan", {"generator_steps": 0}),
        ("acgan", {"latent": -1}),
        ("ebgan", {"code": 0}),
        ("began", {"latent": 0}),
        ("vae", {"latent": -3}),
        ("autoencoder", {"latent": 0}),
    ],
)
def test_sizes_and_steps_are_at_least_one(name, options, small_game):
    (option,) = options
    with pytest.raises(BadOption, match=rf"game\.{option}: wanted a whole number from 1 to"):
        small_game(name, VECTOR, **options)


def test_acgan_wants_classes():
    with pytest.raises(BadData, match="at least two classes"):
        games.build("acgan", PLANE, *PARTS)


def test_codes_are_uniform_and_set_where_they_belong():
    game = games.build("infogan", PLANE, *PARTS, noise=3, codes=4, continuous=2)
    assert isinstance(game, InfoGAN)
    z = game.latents(8000)
    assert z.shape == (8000, 9)
    assert torch.equal(z[:, 3:7].sum(1), torch.ones(8000))
    assert z[:, 3:7].mean(0).tolist() == pytest.approx([0.25] * 4, abs=0.02)
    assert -1 <= z[:, 7:].min() < -0.99
    assert 0.99 < z[:, 7:].max() <= 1
    set_to = game.coded(z, torch.full((8000,), 2))
    assert torch.equal(set_to[:, 3:7].argmax(1), torch.full((8000,), 2))
    assert torch.equal(set_to[:, [0, 1, 2, 7, 8]], z[:, [0, 1, 2, 7, 8]])


def test_codes_are_read_in_fakes_alone_by_a_network_of_the_generators_side():
    game = games.build(
        "infogan", VECTOR, *PARTS, noise=3, codes=4, continuous=2, code_weight=2.0, continuous_weight=0.5
    )
    discriminator, generator = game.players()
    assert set(generator.parameters()) == {*game.generator.parameters(), *game.reader.parameters()}
    assert set(discriminator.parameters()) == {*game.discriminator.parameters()}
    batch = batches_of(VECTOR)(0)
    loss = generator.loss(batch, 0)
    z = loss.seen["z"]
    code, continuous = game.reader(game.discriminator.features(game.generator(z)))
    expected = 2 * cross_entropy(code, z[:, 3:7].argmax(1))
    assert loss.terms["code"].item() == pytest.approx(expected.item(), rel=1e-5)
    expected = 0.5 * 0.5 * (continuous - z[:, 7:]).square().sum(1).mean()
    assert loss.terms["continuous"].item() == pytest.approx(expected.item(), rel=1e-5)
    assert set(discriminator.loss(batch, 0).terms) == {"real", "fake"}
    log_codes, continuous = game.read(batch["x"])
    assert torch.allclose(log_codes.exp().sum(1), torch.ones(len(batch["x"])))
    assert continuous.shape == (len(batch["x"]), 2)


@pytest.mark.parametrize("options", [{"codes": 1}, {"codes": 0, "continuous": 0}])
def test_codes_that_say_nothing_are_refused(options):
    with pytest.raises(BadOption, match="infogan wants"):
        games.build("infogan", PLANE, *PARTS, **options)


def test_infogan_finds_the_modes_of_a_ring():
    """A short run: each code one mode of three that lie far apart."""
    from saddlepoint import data
    from saddlepoint.metrics.code_agreement import code_agreement
    from saddlepoint.metrics.modes import nearest_mode

    torch.manual_seed(0)
    ring = data.build("ring", modes=3, std=0.05)
    objective = objectives.build("r3gan", weight=0.1)
    network = networks.build("mlp", width=32, depth=2)
    game = games.build(
        "infogan", ring.spec, objective, network, priors.build("gaussian"), noise=2, codes=3, continuous=0
    )
    adam = {p.name: torch.optim.Adam(p.parameters(), lr=3e-3, betas=(0.0, 0.99)) for p in game.players()}
    for step in train(game, ring.batches(128), adam, seed=0):
        if step.index == 400:
            break
    codes = torch.arange(600) % 3
    x = ring.units.own(game.decode(game.coded(game.latents(600), codes)))
    assert code_agreement(nearest_mode(ring.means.numpy(), x.numpy()), codes.numpy()) > 0.9


def test_a_packs_labels_are_joined_to_it():
    spec = Spec((2,), ("a", "b"), (0.5, 0.5))
    game = games.build("gan", spec, *PARTS, pack=2)
    assert game.discriminator.encoder.encoder.layers[0].in_features == 2 * (2 + 2)
    with pytest.raises(BadOption, match="cannot be projected"):
        games.build("gan", spec, *PARTS, pack=2, discriminator_label="projection")


def test_can_adds_the_style_of_real_samples_and_the_sureness_of_its_own():
    torch.manual_seed(0)
    game = games.build("can", VECTOR, *PARTS, style_weight=2.0, ambiguity=3.0)
    batch = batches_of(VECTOR)(0)
    game.discriminator.classes.weight.data.zero_()
    game.discriminator.classes.bias.data.copy_(torch.tensor([1.0, 0.0, 0.0]))
    log_p = torch.tensor([1.0, 0.0, 0.0]).log_softmax(0)
    real = game.discriminator_loss(batch, 0).terms
    assert real["style"].item() == pytest.approx(2 * -log_p[batch["y"]].mean().item())
    made = game.generator_loss(batch, 0).terms
    assert made["ambiguity"].item() == pytest.approx(3 * (-log_p.mean().item() - math.log(3)))
    game.discriminator.classes.bias.data.zero_()
    assert game.generator_loss(batch, 0).terms["ambiguity"].item() == pytest.approx(0, abs=1e-6)
    assert game.classes == 0
    with pytest.raises(BadData, match="can wants data with at least two classes, its styles"):
        games.build("can", PLANE, *PARTS)


def test_can_makes_what_is_between_the_styles(adams):
    """On two separate heaps, samples of the plain game lie on them; of a game of ambiguity also between."""
    torch.manual_seed(0)
    spec = Spec((2,), ("left", "right"), (0.5, 0.5))

    def batches(index):
        source = torch.Generator().manual_seed(index)
        y = torch.arange(64) % 2
        x = 0.3 * torch.randn(64, 2, generator=source)
        x[:, 0] += torch.where(y == 0, -1.0, 1.0)
        return {"x": x, "y": y}

    between, parts = {}, (PARTS[0], networks.build("mlp", width=32), PARTS[2])
    for weight in (0.0, 1.0):
        torch.manual_seed(0)
        game = games.build("can", spec, *parts, ambiguity=weight, latent=4)
        steps = train(game, batches, adams(game, 2e-3))
        for _ in range(600):
            next(steps)
        between[weight] = (game.sample(2000)[:, 0].abs() < 0.5).float().mean().item()
    assert between[1.0] > between[0.0] + 0.5
