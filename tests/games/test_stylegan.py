"""Styles: how they are mixed, and that slopes over them are even."""

import pytest
import torch
from torch import nn

from saddlepoint import games, networks, objectives, priors, train
from saddlepoint.architecture import Architecture, Styled
from saddlepoint.duel import Duel
from saddlepoint.errors import BadOption
from saddlepoint.laws import zoo
from saddlepoint.spec import Spec

SPEC = Spec((2, 3, 3), bounds=None)


class Linear(Styled):
    """Samples are a known matrix times the mean of the styles, which are twice the latents."""

    layers = 4

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.matrix, self.twice = nn.Parameter(torch.randn(18, inputs)), nn.Parameter(torch.tensor(2.0))

    def mapped(self, z, y=None):
        return self.twice * z

    def painted(self, w):
        return (w.mean(1) @ self.matrix.T).view(-1, 2, 3, 3)


def linear(**options):
    encoder = networks.build("mlp", width=8).encoder
    network = Architecture(lambda inputs, shape, classes: Linear(inputs), encoder)
    parts = objectives.build("non_saturating"), network, priors.build("gaussian")
    return games.build("stylegan", SPEC, *parts, latent=5, **options)


def test_path_length_is_the_slope_of_noise_and_its_mean_follows():
    torch.manual_seed(0)
    game = linear(path_length="1", mixing=0.0)
    batches = zoo.batches_of(SPEC, 4000)
    x = batches(0)["x"]
    slopes = game._slopes(x, None)
    # J is a quarter of the matrix for each layer, and noise is over the root of the places.
    expected = game.generator.decoder.matrix.square().sum() / 16 / 9
    assert slopes.square().mean().item() == pytest.approx(expected.item(), rel=0.05)
    loss = game.generator_loss({"x": x}, 0)
    mean = loss.seen["path"]
    assert mean.item() == pytest.approx(slopes.mean().item(), rel=0.05)
    spread = ((slopes - 0.01 * mean) ** 2).mean().item()
    assert loss.terms["path_length"].item() == pytest.approx(spread, rel=0.05)
    _, generator = game.players()
    generator.after(loss)
    assert game.path.item() == pytest.approx(0.01 * mean.item())


def test_slopes_become_even():
    """Of a generator whose styles stretch differently, the penalty alone makes the slopes alike."""
    torch.manual_seed(0)
    game = linear(path_length="1", mixing=0.0)
    with torch.no_grad():
        game.path.fill_(0.5)
    batch = {"x": torch.zeros(200, *SPEC.shape)}
    moves = torch.optim.Adam(game.generator.parameters(), 0.02)

    def uneven():
        return game._unevenness(Duel(game.discriminator, batch["x"], batch["x"], None, 0))

    before = uneven().item()
    for _ in range(100):
        moves.zero_grad()
        uneven().backward()
        moves.step()
    assert uneven().item() < 0.3 * before


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_share_of_the_fakes_has_other_finer_styles(share):
    torch.manual_seed(0)
    game = linear(mixing=share)
    x = torch.zeros(2000, *SPEC.shape)
    w = game.generator.style(game.latents(2000))
    mixed = game._mixed(w, x, None)
    assert torch.equal(mixed[:, 0], w[:, 0]), "the coarsest layer's stays"
    changed = (mixed != w).any(2)
    assert changed.any(1).float().mean().item() == pytest.approx(share, abs=0.04)
    assert (changed.int().diff(dim=1) >= 0).all(), "from some layer on, all"
    if share:
        # The first changed layer is any of the finer ones, as often.
        counts = torch.bincount(changed[changed.any(1)].int().argmax(1), minlength=4)[1:]
        assert counts.min() > 0.25 * counts.sum()


def test_slopes_are_penalised_at_their_steps_alone_and_resume_with_the_run():
    spec = zoo.SPECS["image"]
    made = networks.build("stylegan2", width=4, style=8, mapping=1)
    parts = objectives.build("non_saturating"), made, priors.build("gaussian")
    game = games.build("stylegan", spec, *parts, latent=5, path_length="2 every 3")
    steps = train(game, zoo.batches_of(spec), zoo.adams(game))
    found = [next(steps) for _ in range(7)]
    due = ["generator/path" in step.scalars() for step in found]
    assert due == [True, False, False, True, False, False, True]
    assert game.path > 0
    assert "path" in game.state_dict()


def test_a_network_without_styles_is_refused():
    parts = objectives.build("non_saturating"), networks.build("dcgan"), priors.build("gaussian")
    with pytest.raises(BadOption, match="stylegan wants a network whose generator has styles; take --network styleg"):
        games.build("stylegan", SPEC, *parts)
