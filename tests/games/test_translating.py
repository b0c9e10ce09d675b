"""Games that turn pictures into pictures: their terms in closed form, and what they refuse."""

import math

import pytest
import torch

from saddlepoint import games, networks, objectives, tasks
from saddlepoint.errors import BadData, BadOption, Unfit
from saddlepoint.games._pool import Pool
from saddlepoint.games._sides import sides_of
from saddlepoint.games.cut import Heads
from saddlepoint.games.inpainting import TwoScores
from saddlepoint.games.pix2pix import Pix2Pix, Regression
from saddlepoint.spec import Spec

IMAGE = Spec((3, 16, 16), bounds=(-1.0, 1.0))
PAIRS = Spec((3, 16, 16), bounds=(-1.0, 1.0), given=Spec((1, 8, 8), bounds=(-1.0, 1.0)))
SIDES = Spec((3, 16, 16), ("a", "b"), (0.5, 0.5), bounds=(-1.0, 1.0))
HOLES = Spec((1, 16, 16), bounds=(-1.0, 1.0), given=Spec((2, 16, 16), bounds=(-1.0, 1.0)), keeps="places")


def made(name, spec, network="unet", objective="non_saturating", seed=0, **options):
    torch.manual_seed(seed)
    built = networks.build(network, width=4, **({"field": "16"} if network != "dcgan" else {}))
    return games.build(name, spec, objectives.build(objective), built, **options)


def pair(rows=4):
    source = torch.Generator().manual_seed(1)
    x, y = (torch.rand(rows, *spec.shape, generator=source) * 2 - 1 for spec in (PAIRS, PAIRS.given))
    return {"x": x, "y": y}


def sides(rows=6):
    x = torch.rand(rows, 3, 16, 16, generator=torch.Generator().manual_seed(2)) * 2 - 1
    return {"x": x, "y": torch.arange(rows) % 2}


class TestPix2Pix:
    @torch.no_grad()
    def test_the_generators_terms_are_the_objectives_and_the_distance(self):
        game, batch = made("pix2pix", PAIRS, distance=7.0, adversarial=0.5, features=2.0), pair()
        terms = {name: float(value) for name, value in game.generator_loss(batch, 0).terms.items()}
        fake = game.generator(batch["y"])
        assert terms.pop("distance") == pytest.approx(7 * float((fake - batch["x"]).abs().mean()))
        real, made_up = (game.discriminator.features(x, batch["y"]) for x in (batch["x"], fake))
        assert terms.pop("features") == pytest.approx(2 * float((made_up - real).abs().mean()), rel=1e-5)
        scores = game.discriminator(fake, batch["y"])
        assert len(scores) > len(fake), "places"
        (adversarial,) = terms.values()
        assert adversarial == pytest.approx(0.5 * float(torch.nn.functional.softplus(-scores).mean()), rel=1e-5)

    def test_without_an_adversary_there_is_none(self):
        game = made("pix2pix", PAIRS, adversarial=0.0)
        assert isinstance(game, Regression)
        assert [player.name for player in game.players()] == ["generator"]
        with pytest.raises(BadOption, match="features are the discriminator's"):
            made("pix2pix", PAIRS, adversarial=0.0, features=1.0)

    def test_a_samples_score_is_the_mean_of_its_places(self):
        game, batch = made("pix2pix", PAIRS), pair()
        scores = game.discriminator(batch["x"], batch["y"])
        by_sample = game.discern(batch["x"], batch["y"])
        assert torch.allclose(by_sample, scores.view(4, -1).mean(1))
        assert torch.allclose(by_sample[1], game.discern(batch["x"][1:2], batch["y"][1:2]), atol=1e-6)

    def test_the_discriminator_may_be_told_nothing(self):
        game, batch = made("pix2pix", PAIRS, discriminator_label="none"), pair()
        assert torch.equal(game.discern(batch["x"], batch["y"]), game.discern(batch["x"], -batch["y"]))

    def test_it_samples_only_what_is_asked_for(self):
        game, batch = made("pix2pix", PAIRS), pair()
        assert game.asks
        assert game.sample(4, batch["y"]).shape == (4, 3, 16, 16)
        with pytest.raises(Unfit, match="asked for by what is given"):
            game.sample(4)

    def test_what_is_kept_is_in_the_sample(self):
        game = made("pix2pix", HOLES)
        y = torch.rand(2, 2, 16, 16) * 2 - 1
        y[:, 1] = 1.0
        y[:, 1, 4:8, 4:8] = -1.0
        x = game.sample(2, y)
        kept = y[:, 1:] == 1
        assert torch.equal(x[kept], y[:, :1][kept])
        assert not torch.equal(x[~kept], y[:, :1][~kept])

    def test_other_data_is_refused(self):
        with pytest.raises(BadData, match="pix2pix wants pictures that are given pictures: a folder of pairs"):
            made("pix2pix", IMAGE)
        with pytest.raises(BadOption, match="one that turns pictures into pictures; take --network unet"):
            made("pix2pix", PAIRS, network="dcgan")


class TestInpainting:
    def test_the_whole_counts_as_much_as_all_places(self):
        torch.manual_seed(0)
        scores = TwoScores(networks.build("unet", width=4, field="16"), HOLES)
        x, y = torch.rand(3, 1, 16, 16), torch.rand(3, 2, 16, 16)
        found = scores(x, y).view(3, 2, -1)
        assert torch.equal(found[:, 1], found[:, 1, :1].expand_as(found[:, 1])), "one score"
        assert found[:, 0].std() > 0
        game = made("inpainting", HOLES)
        assert isinstance(game, Pix2Pix)
        assert torch.allclose(game.discern(x, y), game.discriminator(x, y).view(3, -1).mean(1))

    def test_it_wants_holes_and_places(self):
        with pytest.raises(BadData, match="inpainting wants pictures with holes in them: --task hole"):
            made("inpainting", PAIRS)
        with pytest.raises(BadOption, match=r"wants a network that scores places: --network.field 16, 34, 70 or 142"):
            games.build("inpainting", HOLES, objectives.build("hinge"), networks.build("unet", width=4, field="whole"))

    def test_without_an_adversary_there_is_none(self):
        game, regression = (made(name, HOLES, adversarial=0.0, distance=3.0) for name in ("inpainting", "pix2pix"))
        assert isinstance(game, Regression)
        batch = {"x": torch.rand(2, 1, 16, 16), "y": torch.rand(2, 2, 16, 16)}
        assert game.loss(batch, 0).terms == regression.loss(batch, 0).terms


class TestSides:
    def test_each_side_is_its_own_in_its_order_however_they_lie(self):
        x = torch.arange(8.0)
        for y in ([0, 1, 0, 1, 0, 1, 0, 1], [1, 1, 0, 0, 0, 1, 1, 0], [0, 1, 0, 1, 0, 1, 0]):
            label = torch.tensor(y)
            a, b = sides_of({"x": x[: len(y)], "y": label})
            assert a.tolist() == x[: len(y)][label == 0].tolist()[: len(y) // 2]
            assert b.tolist() == x[: len(y)][label == 1].tolist()

    def test_of_the_rarer_some_come_again(self):
        a, b = sides_of({"x": torch.arange(6.0), "y": torch.tensor([1, 0, 1, 1, 1, 1])})
        assert (a.tolist(), b.tolist()) == ([1, 1, 1], [0, 2, 3])

    def test_nothing_is_waited_for(self):
        """Without numbers there are sides too, so that none decides how many there are."""
        x, y = torch.zeros(6, 3, 8, 8, device="meta"), torch.zeros(6, dtype=torch.long, device="meta")
        assert [one.shape for one in sides_of({"x": x, "y": y})] == [(3, 3, 8, 8)] * 2


class TestCycleGAN:
    @torch.no_grad()
    def test_what_comes_back_is_told(self):
        game, batch = made("cyclegan", SIDES, cycle=3.0, identity=2.0), sides()
        terms = {name: float(value) for name, value in game.translators_loss(batch, 0).terms.items()}
        sides_ = batch["x"][::2], batch["x"][1::2]
        for k, (own, other) in enumerate([sides_, sides_[::-1]]):
            there, back = game.translators.of(k), game.translators.of(1 - k)
            assert terms[f"cycle_{k}"] == pytest.approx(3 * float((back(there(other)) - other).abs().mean()), rel=1e-5)
            assert terms[f"identity_{k}"] == pytest.approx(2 * float((there(own) - own).abs().mean()), rel=1e-5)

    def test_each_class_becomes_the_other(self):
        game, batch = made("cyclegan", SIDES), sides()
        made_ = game.translate(batch["x"], 1 - batch["y"])
        for row, label in enumerate(batch["y"].tolist()):
            alone = game.averages.of(1 - label)(batch["x"][row : row + 1])
            assert torch.allclose(made_[row], alone[0], atol=1e-5), "in the order of what was asked"

    def test_other_data_is_refused(self):
        words = "cyclegan wants images of two classes, its two sides, such as .* trainB; got no classes of images"
        with pytest.raises(BadData, match=words):
            made("cyclegan", IMAGE)
        with pytest.raises(BadData, match="got 3 classes of images"):
            made("cyclegan", Spec((1, 8, 8), ("a", "b", "c"), (0.3, 0.3, 0.4), bounds=(-1.0, 1.0)))


@pytest.mark.parametrize("name", ["cut", "unit"])
def test_a_game_is_built_before_its_norms_have_seen_anything(name):
    torch.manual_seed(0)
    network = networks.build("resnet", width=4, blocks=2, translator_norm="batch", field="16")
    game = games.build(name, SIDES, objectives.build("hinge"), network)
    seen = {key: value for key, value in game.state_dict().items() if key.endswith("num_batches_tracked")}
    assert seen
    assert not any(seen.values())
    drawn = torch.rand(())
    torch.manual_seed(0)
    games.build(name, SIDES, objectives.build("hinge"), network)
    assert torch.equal(drawn, torch.rand(())), "nor is anything drawn by it"


class TestPool:
    def test_it_fills_and_then_shows_old_ones_half_of_the_time(self):
        torch.manual_seed(0)
        pool = Pool(8, (1,))
        first = torch.arange(8.0)[:, None]
        assert torch.equal(pool(first), first)
        assert torch.equal(pool.kept, first)
        shown = torch.cat([pool(torch.full((10, 1), 100.0 + turn)) for turn in range(40)])
        old = torch.cat([shown[10 * turn : 10 * turn + 10, 0] != 100 + turn for turn in range(40)])
        assert float(old.float().mean()) == pytest.approx(0.45, abs=0.12), (
            "half, less those that came in the same batch"
        )
        assert pool.filled == 8

    def test_no_place_keeps_nothing(self):
        fakes = torch.rand(3, 2)
        assert Pool(0, (2,))(fakes) is fakes

    def test_what_is_not_finite_is_not_kept(self):
        pool = Pool(2, (1,))
        pool(torch.tensor([[float("nan")], [1.0]]))
        assert pool.kept.isfinite().all()


class TestCUT:
    def test_patches_that_are_alike_are_found_and_others_by_chance(self):
        torch.manual_seed(0)
        game = made("cut", SIDES)
        heads = Heads(game.translator, SIDES.unasked, 8, 1000, 0.07)
        maps = game.translator.down(torch.rand(2, 3, 16, 16) * 2 - 1)
        same = float(heads(maps, maps).detach())
        other = float(heads(maps, [m.flip(2, 3) for m in maps]).detach())
        assert 0 <= same < other
        constant = [torch.ones_like(m) for m in maps]
        chance = sum(math.log(m[0, 0].numel()) for m in maps) / len(maps)
        assert float(heads(constant, constant).detach()) == pytest.approx(chance, rel=1e-5)

    def test_it_goes_one_way(self):
        game, batch = made("cut", SIDES), sides()
        assert game.translate(batch["x"], torch.ones(6, dtype=torch.long)).shape == batch["x"].shape
        with pytest.raises(Unfit, match="cut goes one way, from the first class to the second; cyclegan"):
            game.translate(batch["x"], batch["y"])


class TestUNIT:
    @torch.no_grad()
    def test_the_divergence_is_that_of_unit_gaussians(self):
        game, batch = made("unit", SIDES, network="resnet", divergence=2.0), sides()
        own, other = game.autoencoders, batch["x"][::2]
        torch.manual_seed(0)
        terms = game.autoencoders_loss({"x": other.repeat_interleave(2, 0), "y": batch["y"]}, 0).terms
        torch.manual_seed(0)
        torch.randn(2, *own.encode(1, other).shape)  # what the other direction draws
        mean = own.encode(0, other)
        again = own.encode(1, own.decode(1, mean + torch.randn_like(mean)))
        assert float(terms["divergence_1"]) == pytest.approx(
            float(mean.square().mean() + again.square().mean()), rel=0.2
        )
        assert float(terms["divergence_1"]) > float(mean.square().mean())

    def test_it_wants_latents_alone(self):
        with pytest.raises(BadOption, match="unit wants a network whose second half sees latents alone"):
            made("unit", SIDES)

    def test_latents_are_shared(self):
        game, batch = made("unit", SIDES, network="resnet"), sides()
        own = game.average
        with torch.no_grad():
            expected = own.decode(1, own.encode(0, batch["x"][:1]))
        assert torch.allclose(game.translate(batch["x"][:1], torch.ones(1, dtype=torch.long)), expected, atol=1e-5)


def test_every_task_plays_pix2pix():
    for name in tasks.names():
        task = tasks.build(name, IMAGE)
        spec = Spec(IMAGE.shape, bounds=IMAGE.bounds, given=task.given, keeps=task.keeps)
        game = made("pix2pix", spec)
        x = torch.rand(2, 3, 16, 16) * 2 - 1
        y = task.leave(x, torch.Generator().manual_seed(0))
        assert game.sample(2, y).shape == x.shape
