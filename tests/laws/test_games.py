"""What every game, found by discovery, must keep."""

import math
from collections.abc import Iterator

import pytest
import torch

from saddlepoint import Decodes, Encodes, Samples, Scores, games, train
from saddlepoint.conditional import Density
from saddlepoint.errors import BadData, BadOption
from saddlepoint.game import Codes, Discerns, Fits
from saddlepoint.spec import Spec
from saddlepoint.training.moves import Mover, Rules
from saddlepoint.training.state import pack, unpack, unpack_game
from tests.conftest import CLASSES, IMAGE, PLANE, VECTOR, batches_of, made_small

TABLE = Spec((5,), CLASSES, (0.5, 0.25, 0.25), simplexes=((1, 3),))
LINE = Spec((1,))
SPECS = {"line": LINE, "plane": PLANE, "labelled vector": VECTOR, "labelled table": TABLE, "labelled image": IMAGE}


def variations(name) -> Iterator[dict]:
    """The game as it comes, then each choice of its options."""
    yield {}
    for option in games.shelf.entry(name).options.values():
        if option.annotation.startswith("Literal"):
            choices = eval(option.annotation.removeprefix("Literal"))
            yield from ({option.name: choice} for choice in choices if choice != option.default)
        elif option.annotation == "bool":
            yield {option.name: not option.default}


def refusal(name, options, kind):
    """What a game says of such data or options, "" where it takes them."""
    try:
        made_small(name, SPECS[kind], **options)
    except (BadData, BadOption) as error:
        return str(error)
    return ""


EVERY = [(name, options, kind) for name in games.names() for options in variations(name) for kind in SPECS]
REFUSED = {str(case): words for case in EVERY if (words := refusal(*case))}
CASES = [case for case in EVERY if str(case) not in REFUSED]


def test_what_is_refused_is_refused_with_what_is_wanted():
    unlabelled, unbounded = {"line", "plane"}, {"line", "plane", "labelled vector", "labelled table"}
    expected = {("acgan", kind) for kind in unlabelled} | {("vae", kind) for kind in unbounded}
    assert {(case[0], case[2]) for case in EVERY if str(case) in REFUSED} == expected
    assert {
        options.get("likelihood")
        for name, options, kind in EVERY
        if name == "vae" and str((name, options, kind)) in REFUSED
    } == {"bernoulli", "continuous_bernoulli"}
    for words in REFUSED.values():
        assert "wants" in words
        assert "\n" not in words


@pytest.fixture
def game_and_batches(request):
    """A small game and batches for it."""
    name, options, kind = request.param
    return made_small(name, SPECS[kind], **options), batches_of(SPECS[kind])


def played(game, batches, optimizers, steps=2, start=0):
    if isinstance(game, Fits):
        everything = {key: torch.cat([batches(i)[key] for i in range(8)]) for key in batches(0)}
        game.fit(everything["x"], everything.get("y"))
        return
    for step in train(game, batches, optimizers, seed=3, start=start):
        assert all(value.isfinite() for loss in step.losses.values() for value in loss.terms.values())
        assert all(value.shape == () for loss in step.losses.values() for value in loss.terms.values())
        assert all(math.isfinite(value) for value in step.scalars().values())
        if step.index + 1 == start + steps:
            return


def leads_back(found, start):
    """Whether a gradient leads from what was found to where it started."""
    (gradient,) = torch.autograd.grad(found.sum(), start)
    return bool(gradient.isfinite().all()) and bool(gradient.any())


def drawn(game, n=6, seed=5):
    torch.manual_seed(seed)
    return game.sample(n)


def seeded(measure, x):
    torch.manual_seed(0)
    return measure(x)


def densities_by_class_make_up_the_whole(game, x):
    joint = seeded(game.joint, x)
    assert torch.allclose(seeded(game.score, x), joint.logsumexp(1))
    known = joint.isfinite().any(1)
    assert known.any()
    assert torch.allclose(seeded(game.posterior, x)[known].exp().sum(1), torch.ones(int(known.sum())))


@pytest.mark.parametrize("name", games.names())
def test_a_batch_that_is_not_finite_leaves_nothing_behind(name, adams):
    """The loop passes such a step over; no controller or running moment may keep it."""
    spec = VECTOR
    game, whole = made_small(name, spec), batches_of(spec)

    def batches(index):
        batch = whole(index)
        return batch | {"x": batch["x"] * float("nan")} if index == 1 else batch

    if isinstance(game, Fits):
        return
    for step in train(game, batches, adams(game), seed=0):
        if step.index == 3:
            break
    assert all(value.isfinite().all() for value in game.state_dict().values())
    assert game.sample(4).isfinite().all()


@pytest.mark.parametrize("game_and_batches", CASES, indirect=True, ids=str)
class TestEveryGame:
    def test_each_player_moves_all_of_its_own_and_nothing_else(self, game_and_batches, adams):
        game, batches = game_and_batches
        owners = {}
        for player in game.players():
            for parameter in player.parameters():
                assert owners.setdefault(parameter, player.name) == player.name, "moved by two players"
        learnt = {p for p in game.parameters() if p.requires_grad}
        assert learnt == {p for p in owners if p.requires_grad}, "moved by nobody"
        for player in game.players():
            others = {k: v.clone() for k, v in game.named_parameters() if owners.get(v) != player.name}
            mover = Mover(game, player, adams(game, lr=1e-2)[player.name], Rules(average=1.0))
            mover.differentiate(batches(0), 0)
            assert all(p.grad is not None for p in player.parameters() if p.requires_grad)
            mover.step()
            assert all(torch.equal(v, others[k]) for k, v in game.named_parameters() if k in others)
            assert all(p.requires_grad == (p in learnt) for p in game.parameters()), "as they were"

    def test_it_samples_and_does_what_its_bases_say(self, game_and_batches, adams):
        game, batches = game_and_batches
        x = batches(0)["x"]
        played(game, batches, adams(game))
        assert isinstance(game, Samples)
        made = drawn(game)
        assert made.shape == (6, *x.shape[1:])
        assert made.isfinite().all()
        assert not made.requires_grad
        assert torch.equal(made, drawn(game))
        assert game.sample(0).shape == (0, *x.shape[1:])
        y = torch.arange(6) % game.classes if game.classes else None
        assert game.sample(6, y).shape == made.shape
        if isinstance(game, Decodes):
            z = game.latents(4).requires_grad_()
            found = game.decode(z, None if y is None else y[:4])
            assert found.shape == (4, *x.shape[1:])
            assert leads_back(found, z)
        if isinstance(game, Encodes):
            seen = x.clone().requires_grad_()
            found = game.encode(seen, batches(0).get("y"))
            assert len(found) == len(x)
            assert leads_back(found, seen)
        if isinstance(game, Discerns):
            seen = x.clone().requires_grad_()
            found = game.discern(seen, batches(0).get("y"))
            assert found.shape == (len(x),)
            assert leads_back(found, seen)
        if isinstance(game, Codes) and game.codes:
            z = game.coded(game.latents(4), torch.tensor([0, 1, 0, 1]))
            assert not torch.equal(z[0], z[1])
        if isinstance(game, Scores):
            assert game.score(x).shape == (len(x),)
            assert not game.score(x).isnan().any()
        if isinstance(game, Density) and game.classes:
            densities_by_class_make_up_the_whole(game, x)

    def test_resumed_is_unbroken_and_loaded_is_the_same_bit_for_bit(self, game_and_batches, adams, request):
        game, batches = game_and_batches
        name, options, kind = request.node.callspec.params["game_and_batches"]
        optimizers = adams(game)
        played(game, batches, optimizers)
        saved = {key: value.clone() for key, value in pack(game, optimizers).items()}
        loaded = made_small(name, SPECS[kind], seed=9, **options)
        unpack_game(saved, loaded)
        for one in (game, loaded):
            one.eval()
        if not isinstance(game, Fits):
            assert torch.equal(drawn(game), drawn(loaded)), "looking at it, with another seed, on the way"
            other = made_small(name, SPECS[kind], seed=9, **options)
            others = adams(other)
            unpack(saved, other, others)
            played(other, batches, others, start=2)
            played(game, batches, optimizers, start=2)
            game, loaded = game.eval(), other.eval()
        for key, value in game.state_dict().items():
            assert torch.equal(value, loaded.state_dict()[key]), key
        assert torch.equal(drawn(game), drawn(loaded))


@pytest.mark.parametrize("name", [name for name in games.names() if made_small(name, VECTOR).classes])
def test_labels_change_what_is_made(name, adams):
    """A game with classes makes other samples for other labels, once it has learnt a little."""
    game = made_small(name, VECTOR)

    def batches(index):
        batch = batches_of(VECTOR, 64)(index)
        return {"x": batch["x"] * 0.1 + batch["y"][:, None] - 1.0, "y": batch["y"]}

    played(game, batches, adams(game, lr=1e-2), steps=100)
    game.eval()
    torch.manual_seed(0)
    low = game.sample(64, torch.zeros(64, dtype=torch.long))
    torch.manual_seed(0)
    high = game.sample(64, torch.full((64,), 2))
    assert not torch.allclose(low, high, atol=1e-3)


@pytest.mark.parametrize("name", [name for name in games.names() if "network" in games.shelf.entry(name).parts])
def test_a_game_on_images_works_with_convolutions(name, adams):
    game = made_small(name, IMAGE, network="dcgan")
    played(game, batches_of(IMAGE), adams(game))
    assert game.sample(3).shape == (3, *IMAGE.shape)
    assert game.sample(3).abs().max() <= 1
