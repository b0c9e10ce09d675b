"""A first batch that is not what the game takes is one line before the first step."""

import re

import pytest
import torch
from torch.nn import Conv2d, Flatten, Linear, Sequential, Tanh, Unflatten

from saddlepoint import games, networks, objectives, priors, train
from saddlepoint.errors import BadOption
from saddlepoint.spec import Spec
from tests.conftest import IMAGE, PLANE, VECTOR, batches_of, made_small

X, Y = torch.rand(6, *IMAGE.shape) * 2 - 1, torch.tensor([0, 1, 2, 0, 1, 2])
READERS = ("gan", "acgan", "autoencoder", "autoregressive", "began", "ebgan", "flow", "infogan", "vae")


def played(game, batches, adams):
    return next(train(game, batches, adams(game)))


def of_ones_own():
    """A game of modules of one's own."""
    pair = (
        Sequential(Linear(3, 108), Tanh(), Unflatten(1, IMAGE.shape)),
        Sequential(Conv2d(2, 4, 3), Flatten(), Linear(112, 1)),
    )
    parts = (objectives.build("hinge"), networks.own(*pair), priors.build("gaussian"))
    return games.build("gan", IMAGE, *parts, latent=3)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ({"image": X, "label": Y}, "a batch wanted x, the samples, got image, label; call them x"),
        ({}, "wanted x, the samples, got no part"),
        (((X + 1) * 127.5, Y), "wanted x from -1 to 1, got .* to 25.*; of bytes take x / 127.5 - 1"),
        ((X * 2.5, Y), r"wanted x from -1 to 1, got -2.* to 2.*; scale them"),
        ((X.index_fill(0, torch.tensor([3]), torch.nan), Y), "wanted x from -1 to 1, got nan to nan"),
        ((X.flatten(1), Y), r"wanted x of shape \(B, 2, 9, 6\), got \(6, 108\); take x.reshape\(-1, 2, 9, 6\)"),
        ((X.permute(0, 2, 3, 1), Y), r"got \(6, 9, 6, 2\); take x.permute\(0, 3, 1, 2\)"),
        ((X[:, :1], Y), r"got \(6, 1, 9, 6\); build the game for samples of that shape"),
        ((X[:0], Y[:0]), r"got \(0, 2, 9, 6\)"),
        (X[0, 0, 0, 0], r"got \(\)"),
        (((X * 1).long(), Y), "wanted x as floats .* got torch.int64; take x.float"),
        (X, "wanted y too, the labels of 3 classes, got x alone"),
        ((X, Y + 1), r"wanted y as whole numbers \(6,\) from 0 to 2, got 1 to 3; .* take y - 1"),
        ((X, Y - 1), "got -1 to 1; give each class's place"),
        ((X, Y + 7), "got 7 to 9; give each class's place"),
        ((X, torch.rand(6)), r"got torch.float32; y names the sample's class: take y.long\(\)"),
        ((X, torch.eye(3)[Y]), r"got shape \(6, 3\); take y.argmax\(1\)"),
        ((X, Y[:, None]), r"got shape \(6, 1\); take y.flatten\(\)"),
        ((X, Y[0]), r"got shape \(\); give one label for each sample"),
    ],
)
def test_what_does_not_fit_is_told_with_what_to_do(batch, words, small_gan, adams):
    with pytest.raises(BadOption, match=words) as refusal:
        played(small_gan(spec=IMAGE, network="dcgan"), lambda index: batch, adams)
    assert "\n" not in str(refusal.value)


def test_the_advice_mends(small_gan, adams):
    raw = torch.randint(256, (6, 9, 6, 2)).float()
    mended = raw.permute(0, 3, 1, 2) / 127.5 - 1
    for labels in (Y, torch.eye(3)[Y].argmax(1), Y[:, None].flatten(), Y.float().long()):
        played(small_gan(spec=IMAGE), lambda index, labels=labels: (mended, labels), adams)


@pytest.mark.parametrize("name", READERS)
def test_every_game_with_networks_knows_what_it_takes(name, adams):
    played(made_small(name, IMAGE), batches_of(IMAGE), adams)
    for wrong in ({"x": X.flatten(1), "y": Y}, {"x": X * 200, "y": Y}, {"x": X, "y": Y + 1}, {"image": X}):
        with pytest.raises(BadOption, match="a batch wanted"):
            played(made_small(name, IMAGE), lambda index, wrong=wrong: wrong, adams)


def test_a_game_of_ones_own_networks_knows_it_too(adams):
    played(of_ones_own(), lambda index: X, adams)
    with pytest.raises(BadOption, match="a batch wanted x from -1 to 1"):
        played(of_ones_own(), lambda index: X * 128, adams)


def test_games_without_labels_take_samples_with_and_without(small_gan, adams):
    for options in ({"generator_label": "none", "discriminator_label": "none"}, {"spec": IMAGE.unlabelled}):
        for batch in (X, (X, Y)):
            played(small_gan(**{"spec": IMAGE} | options), lambda index, batch=batch: batch, adams)
    played(small_gan(spec=PLANE), lambda index: (torch.randn(6, 2) * 1e3, torch.rand(6)), adams)


def test_labels_that_the_discriminator_alone_wants_are_asked_for(small_gan, adams):
    game = small_gan(spec=VECTOR, generator_label="none", discriminator_label="projection")
    with pytest.raises(BadOption, match=re.escape("wanted labels y of shape (B,), or what is given; got None")):
        played(game, lambda index: torch.randn(6, 5), adams)


def test_a_little_more_than_the_bounds_is_let_through(small_gan, adams):
    for bounds in ((-1.0, 1.0), (0.0, 1.0), (5.0, 9.0)):
        low, high = bounds
        x = torch.tensor([[low, high]] * 4)
        game = small_gan(spec=Spec((2,), bounds=bounds))
        played(game, lambda index, x=x: x + torch.tensor([-0.09, 0.09]) * (x[0, 1] - x[0, 0]), adams)
        with pytest.raises(BadOption, match=f"from {low:g} to {high:g}, got"):
            played(game, lambda index, x=x: x + torch.tensor([0, 0.11]) * (x[0, 1] - x[0, 0]), adams)


def test_later_batches_are_not_looked_at(small_gan, adams):
    game = small_gan(spec=IMAGE)
    steps = train(game, lambda index: (X if index == 0 else X * 200, Y), adams(game))
    next(steps)
    next(steps)
