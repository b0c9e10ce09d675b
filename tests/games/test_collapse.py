"""The parts against mode collapse, and the tips that can be switched."""

import math

import pytest
import torch
from torch import nn

from saddlepoint import Duel, Objective, data, games, networks, objectives, priors, regularizers, train
from saddlepoint.duel import Featured
from saddlepoint.errors import BadOption
from saddlepoint.games._packing import packed, packing
from saddlepoint.layers.hidden import after
from saddlepoint.layers.minibatch import closeness, spread
from tests.conftest import PLANE, batches_of


def test_a_pack_joins_samples_of_one_side_along_the_channels():
    x = torch.arange(24.0).view(4, 2, 3, 1)
    packs = packed(x, 2)
    assert packs.shape == (2, 4, 3, 1)
    assert torch.equal(packs[0, :2], x[0])
    assert torch.equal(packs[0, 2:], x[1])
    with pytest.raises(BadOption, match="4 samples do not divide into packs of 3; take --batch, divided by processes"):
        packed(x, 3)


def test_packs_of_one_are_the_plain_game():
    objective = objectives.build("hinge")
    assert packing(objective, 1) is objective


def test_the_loss_and_the_penalty_are_of_packs():
    x, fake = torch.randn(2, 6, 2)
    seen = []

    def linear(packs, y):
        seen.append(packs.shape)
        return packs @ torch.tensor([3.0, 0.0, 0.0, 4.0])

    objective = packing(regularizers.build("r1", weight=2.0)(objectives.build("hinge")), 2)
    duel = Duel(linear, x, fake)
    assert objective.discriminator["r1"](duel).item() == pytest.approx(25), "the slope of a pack, not of a sample"
    expected = (1 - packed(x, 2) @ torch.tensor([3.0, 0.0, 0.0, 4.0])).relu().mean()
    assert objective.discriminator["real"](duel).item() == pytest.approx(expected.item())
    assert set(seen) == {torch.Size([3, 4])}


class Critic(nn.Module, Featured):
    """A small discriminator with features."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(2, 5).double(), nn.Linear(5, 1).double()

    def features(self, x, y=None):
        return self.first(x).tanh()

    def judge(self, features, y=None):
        return self.last(features)[:, 0]

    def forward(self, x, y=None):
        return self.judge(self.features(x, y), y)


class Bare(nn.Module):
    """The same without showing its features."""

    def __init__(self) -> None:
        super().__init__()
        self.critic = Critic()

    def forward(self, x, y=None):
        return self.critic(x, y)


def clouds():
    torch.manual_seed(1)
    return torch.randn(2, 8, 2, dtype=torch.double)


@pytest.mark.parametrize("critic", [Critic, Bare])
@pytest.mark.parametrize("name", ["non_saturating", "r3gan"])
def test_unrolled_by_no_step_is_the_plain_game(name, critic):
    x, fake = clouds()
    plain = objectives.build(name)
    for key, term in regularizers.build("unrolled", steps=0)(plain).generator.items():
        assert term(Duel(critic(), x, fake)).item() == pytest.approx(
            plain.generator[key](Duel(critic(), x, fake)).item()
        )


@pytest.mark.parametrize("critic", [Critic, Bare])
def test_unrolled_is_the_loss_before_the_discriminator_as_it_will_be(critic):
    x, fake = clouds()
    plain = regularizers.build("r1", weight=0.3)(objectives.build("non_saturating"))
    ours = regularizers.build("unrolled", steps=3, rate=0.2)(plain).generator["fake"](Duel(critic(), x, fake))
    moved = critic()
    descent = torch.optim.SGD(moved.parameters(), lr=0.2)
    for _ in range(3):
        descent.zero_grad()
        sum(term(Duel(moved, x, fake)) for term in plain.discriminator.values()).backward()
        descent.step()
    assert ours.item() == pytest.approx(plain.generator["fake"](Duel(moved, x, fake)).item(), rel=1e-9)


def test_the_generator_differentiates_through_the_unrolled_moves():
    x, fake = clouds()
    objective = regularizers.build("unrolled", steps=2, rate=0.5)(objectives.build("non_saturating"))
    loss = lambda f: objective.generator["fake"](Duel(Critic(), x, f))
    assert torch.autograd.gradcheck(loss, fake.clone().requires_grad_())


def test_the_unrolled_discriminator_stays_where_it_is():
    critic = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1), nn.Flatten(0))
    score = lambda x, y=None: critic(x)
    before = {k: v.clone() for k, v in critic.state_dict().items()}

    class One(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = critic

        def forward(self, x, y=None):
            return score(x)

    x, fake = (cloud.float() for cloud in clouds())
    objective = regularizers.build("unrolled", steps=2)(objectives.build("non_saturating"))
    objective.generator["fake"](Duel(One(), x, fake.requires_grad_())).backward()
    assert all(torch.equal(v, before[k]) for k, v in critic.state_dict().items())


def test_unrolled_wants_a_module():
    x, fake = clouds()
    objective = regularizers.build("unrolled")(objectives.build("hinge"))
    with pytest.raises(BadOption, match="unrolled wants a discriminator that is a torch module"):
        objective.generator["fake"](Duel(lambda x, y: x[:, 0], x, fake))


def test_closeness_counts_the_other_samples():
    m = torch.tensor([[[0.0, 0.0]], [[1.0, 0.0]], [[50.0, 50.0]]])
    assert closeness(m)[:, 0].tolist() == pytest.approx([0.367879, 0.367879, 0.0], abs=1e-6)
    same = torch.zeros(4, 2, 3)
    assert closeness(same).tolist() == [[3.0, 3.0]] * 4


def test_spread_is_the_mean_deviation_over_the_batch_with_a_finite_slope_at_zero():
    h = torch.tensor([[0.0, 1.0], [2.0, 1.0]])
    assert spread(h).item() == pytest.approx(0.5, abs=1e-3)
    collapsed = torch.ones(4, 3, requires_grad=True)
    spread(collapsed).backward()
    assert collapsed.grad.isfinite().all()


@pytest.mark.parametrize("kind", ["std", "discrimination"])
def test_a_collapsed_batch_looks_different_across(kind):
    torch.manual_seed(0)
    encoder = networks.build("mlp", width=8, minibatch=kind).encoder((2,))
    x = torch.randn(16, 2)
    varied, collapsed = encoder(x)[0], encoder(x[:1].expand(16, 2))[0]
    assert torch.allclose(varied[:8], collapsed[:8]), "its own features are the same"
    assert not torch.allclose(varied[8:], collapsed[8:], atol=1e-3)


@pytest.mark.parametrize("kind", ["std", "discrimination"])
def test_looking_across_can_be_penalised(kind):
    torch.manual_seed(0)
    objective = regularizers.build("r1")(objectives.build("hinge"))
    parts = objective, networks.build("mlp", width=8, minibatch=kind), priors.build("gaussian")
    game = games.build("gan", PLANE, *parts)
    game.discriminator_loss(batches_of(PLANE)(0), 0).total.backward()
    gradients = [p.grad for p in game.discriminator.parameters()]
    assert all(g is not None and g.isfinite().all() for g in gradients)


def test_feature_matching_is_the_distance_of_mean_features():
    x, fake = clouds()
    critic = Critic()
    matched = regularizers.build("feature_matching", weight=2.0)(objectives.build("hinge"))
    expected = 2 * (critic.features(x).mean(0) - critic.features(fake).mean(0)).square().sum()
    assert matched.generator["features"](Duel(critic, x, fake)).item() == pytest.approx(expected.item())
    assert "fake" in matched.generator
    with pytest.raises(BadOption, match="wanted the discriminator's features"):
        matched.generator["features"](Duel(lambda x, y: x[:, 0], x, fake))


def test_flipped_labels_change_sides_for_the_discriminator_alone():
    torch.manual_seed(0)
    flipped = regularizers.build("flipped_labels", share=0.25)(
        Objective(
            {"real": lambda d: d.on_real.mean(), "fake": lambda d: d.on_fake.mean()},
            {"fake": lambda d: d.on_fake.mean()},
        )
    )
    duel = Duel(lambda x, y: x[:, 0], torch.ones(8000, 1), torch.zeros(8000, 1))
    real, fake = (flipped.discriminator[key](duel).item() for key in ("real", "fake"))
    assert real == pytest.approx(0.75, abs=0.02)
    assert fake == pytest.approx(1 - real), "what one side loses the other gains"
    assert flipped.generator["fake"](duel).item() == 0
    with pytest.raises(BadOption, match=r"share: wanted a number from 0 to below 0\.5"):
        regularizers.build("flipped_labels", share=0.5)


def test_soft_labels_are_cross_entropies_with_drawn_targets():
    real, fake = torch.full((4, 1), 2.0), torch.full((4, 1), -1.0)
    options = {"real_low": 0.9, "real_high": 0.9, "fake_low": 0.2, "fake_high": 0.2}
    soft = regularizers.build("soft_labels", **options)(objectives.build("non_saturating"))
    duel = Duel(lambda x, y: x[:, 0], real, fake)
    softplus = lambda value: math.log1p(math.exp(value))
    assert soft.discriminator["real"](duel).item() == pytest.approx(0.9 * softplus(-2) + 0.1 * softplus(2), rel=1e-5)
    assert soft.discriminator["fake"](duel).item() == pytest.approx(0.2 * softplus(1) + 0.8 * softplus(-1), rel=1e-5)
    drawn = regularizers.build("soft_labels")(objectives.build("non_saturating"))
    assert len({drawn.discriminator["real"](duel).item() for _ in range(10)}) == 10
    with pytest.raises(BadOption, match="low <= high"):
        regularizers.build("soft_labels", real_low=2.0)


def test_what_follows_a_hidden_layer():
    torch.manual_seed(0)
    h = torch.randn(20_000, 3)
    assert torch.equal(after("relu")(h), h.relu())
    assert torch.equal(after("leaky_relu")(h), torch.where(h > 0, h, 0.2 * h))
    noise = after("noise")(h) - h.relu()
    assert float(noise.std()) == pytest.approx(0.1, rel=0.05)
    dropped = after("dropout")(torch.ones(1000, 6, 4, 4))
    channels = dropped[:, :, 0, 0]
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(dropped, channels[..., None, None].expand_as(dropped)), "whole channels"
    assert float(dropped.mean()) == pytest.approx(1, abs=0.05)


def test_noise_and_dropout_stay_in_sampling(small_game):
    for kind in ("noise", "dropout"):
        network = networks.build("mlp", width=8, hidden=kind)
        game = games.build("gan", PLANE, objectives.build("hinge"), network, priors.build("gaussian")).eval()
        z = game.latents(1).expand(5, -1)
        assert len(game.decode(z).unique(dim=0)) > 1


def test_players_move_as_often_as_told(small_game, adams):
    game = small_game("gan", discriminator_steps=3, generator_steps=2)
    assert [player.steps for player in game.players()] == [3, 2]
    assert [
        p.steps for p in games.build("gan", PLANE, objectives.build("wgan"), networks.build("mlp"), None).players()
    ] == [5, 1]
    drawn = []
    batches = batches_of(PLANE)
    next(iter(train(game, lambda index: drawn.append(index) or batches(index), adams(game))))
    assert drawn == [0, 1, 2, 3, 4], "each on a fresh batch"


def test_a_packed_discriminator_trains_on_the_ring():
    torch.manual_seed(0)
    ring = data.build("ring")
    parts = objectives.build("non_saturating"), networks.build("mlp", width=16), priors.build("gaussian")
    game = games.build("gan", ring.spec, *parts, pack=4, latent=2)
    adam = {p.name: torch.optim.Adam(p.parameters(), lr=1e-3) for p in game.players()}
    for step in train(game, ring.batches(64), adam, seed=0):
        if step.index == 5:
            assert all(value.isfinite() for loss in step.losses.values() for value in loss.terms.values())
            break
