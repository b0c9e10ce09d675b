"""The loop against loops written by hand, and what its solvers do to games whose answer is known."""

import itertools
import math

import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from saddlepoint import (
    Game,
    Loss,
    Player,
    Rules,
    alternate,
    extragradient,
    objectives,
    regularizers,
    simultaneous,
    train,
)
from saddlepoint.errors import BadOption, Diverged
from saddlepoint.seeds import seed_of
from saddlepoint.training.moves import Mover
from saddlepoint.training.precision import Precision
from saddlepoint.training.state import pack, unpack, unpack_terms
from tests.conftest import IMAGE, PLANE, batches_of


class DiracGame(Game):
    """Data at 0, a generator at theta, a discriminator psi x, the Wasserstein loss: circles by nature."""

    def __init__(self) -> None:
        super().__init__()
        self.theta, self.psi = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
        nn.init.constant_(self.theta.weight, 0.3)
        nn.init.constant_(self.psi.weight, 0.0)

    def players(self):
        product = lambda: self.theta.weight.sum() * self.psi.weight.sum()
        return (
            Player("discriminator", [self.psi], lambda batch, step: Loss({"fake": product() * -1})),
            Player("generator", [self.theta], lambda batch, step: Loss({"fake": product()})),
        )


def play(game, steps, **options):
    sgd = {p.name: torch.optim.SGD(p.parameters(), lr=0.1) for p in game.players()}
    for step in train(game, lambda index: {}, sgd, **options):
        if step.index + 1 == steps:
            return math.hypot(float(game.theta.weight.detach()), float(game.psi.weight.detach()))
    return None


def test_solvers_circle_diverge_and_converge_as_their_eigenvalues_say():
    steps, h = 200, 0.1
    assert play(DiracGame(), steps, solver=simultaneous) == pytest.approx(0.3 * (1 + h**2) ** (steps / 2), rel=1e-4)
    assert play(DiracGame(), steps, solver=alternate) == pytest.approx(0.3, rel=0.1)
    shrinks = math.hypot(1 - h**2, h) ** steps
    assert play(DiracGame(), steps, solver=extragradient) == pytest.approx(0.3 * shrinks, rel=1e-4)


def by_hand(game, batches, steps, seed):
    """The same arithmetic as the loop's, as anyone would write it for one non-saturating GAN."""
    generator, discriminator, average = game.generator, game.discriminator, game.average
    adam = {
        "discriminator": torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.0, 0.99), fused=True),
        "generator": torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.0, 0.99), fused=True),
    }
    for step in range(steps):
        torch.manual_seed(seed_of(seed, "step", step))
        batch = batches(2 * step)
        with torch.no_grad():
            fake = generator(torch.randn(len(batch["x"]), game.latent), batch.get("y"))
        adam["discriminator"].zero_grad()
        on_real, on_fake = discriminator(batch["x"], batch.get("y")), discriminator(fake, batch.get("y"))
        (softplus(-on_real).mean() + softplus(on_fake).mean()).backward()
        adam["discriminator"].step()
        batch = batches(2 * step + 1)
        adam["generator"].zero_grad()
        fake = generator(torch.randn(len(batch["x"]), game.latent), batch.get("y"))
        softplus(-discriminator(fake, batch.get("y"))).mean().backward()
        adam["generator"].step()
        with torch.no_grad():
            decay = min(0.999, (step + 1) / (step + 10))
            for old, new in zip(average.parameters(), generator.parameters(), strict=True):
                old.lerp_(new, 1 - decay)
            for old, new in zip(average.buffers(), generator.buffers(), strict=True):
                old.copy_(new)


@pytest.mark.parametrize(("spec", "network"), [(PLANE, "mlp"), (IMAGE, "dcgan"), (IMAGE, "resnet")])
def test_the_loop_equals_a_loop_written_by_hand_bit_for_bit(spec, network, small_gan, adams):
    ours, theirs = (small_gan("non_saturating", spec, network) for _ in range(2))
    run(ours, batches_of(spec), adams(ours), 12, seed=3)
    by_hand(theirs, batches_of(spec), 12, seed=3)
    assert_same(ours, theirs)


def run(game, batches, optimizers, until, **options):
    for step in train(game, batches, optimizers, **options):
        if step.index + 1 == until:
            return


def assert_same(one, other):
    for (name, value), (_, expected) in zip(one.state_dict().items(), other.state_dict().items(), strict=True):
        assert torch.equal(value, expected), name


@pytest.mark.parametrize("solver", [alternate, simultaneous, extragradient], ids=["alternate", "simultaneous", "extra"])
@pytest.mark.parametrize("objective", objectives.names())
def test_resumed_equals_unbroken_bit_for_bit(objective, solver, small_gan, adams):
    whole = small_gan(objective, IMAGE, "dcgan")
    run(whole, batches_of(IMAGE), adams(whole), 6, solver=solver)

    first = small_gan(objective, IMAGE, "dcgan")
    optimizers = adams(first)
    run(first, batches_of(IMAGE), optimizers, 4, solver=solver)
    saved = pack(first, optimizers)

    second = small_gan(objective, IMAGE, "dcgan", seed=99)
    optimizers = adams(second)
    unpack(saved, second, optimizers)
    run(second, batches_of(IMAGE), optimizers, 6, solver=solver, start=4)
    assert_same(second, whole)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["contiguous", "channels last"])
def test_what_an_optimizer_keeps_lies_in_memory_as_its_parameter_does(layout, small_gan, adams):
    """Fused kernels go by addresses: what is laid out otherwise would be another number's."""

    def small(seed=0):
        return small_gan("hinge", IMAGE, "dcgan", seed=seed).to(memory_format=layout)

    whole, part, rest = small(), small(), small(seed=99)
    run(whole, batches_of(IMAGE), adams(whole), 6)
    movers = adams(part)
    run(part, batches_of(IMAGE), movers, 4)
    saved = {name: value.contiguous() for name, value in pack(part, movers).items()}
    movers = adams(rest)
    unpack(saved, rest, movers)
    run(rest, batches_of(IMAGE), movers, 6, start=4)
    assert_same(rest, whole)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
def test_every_optimizers_state_survives(optimizer, small_gan):
    from saddlepoint import optimizers

    def make(game):
        options = {"momentum": 0.9} if optimizer == "sgd" else {}
        return {p.name: optimizers.build(optimizer, lr=1e-3, **options)(p.parameters()) for p in game.players()}

    whole, part, rest = small_gan(), small_gan(), small_gan(seed=5)
    run(whole, batches_of(PLANE), make(whole), 4)
    movers = make(part)
    run(part, batches_of(PLANE), movers, 2)
    saved = pack(part, movers)
    movers = make(rest)
    unpack(saved, rest, movers)
    run(rest, batches_of(PLANE), movers, 4, start=2)
    assert_same(rest, whole)


def test_looking_between_steps_changes_nothing(small_gan, adams):
    watched, left_alone = small_gan("wgan_gp", IMAGE, "dcgan"), small_gan("wgan_gp", IMAGE, "dcgan")
    for step in train(watched, batches_of(IMAGE), adams(watched)):
        watched.sample(5)
        torch.rand(step.index + 1)
        step.scalars()
        if step.index == 4:
            break
    run(left_alone, batches_of(IMAGE), adams(left_alone), 5)
    assert_same(watched, left_alone)


def test_sampling_is_of_the_moving_average_and_leaves_it_in_evaluation(small_gan, adams):
    game = small_gan("non_saturating", IMAGE, "dcgan")
    run(game, batches_of(IMAGE), adams(game), 3)
    assert not game.average.training
    assert game.generator.training
    z, y = torch.randn(4, 64), torch.tensor([0, 1, 2, 0])
    assert torch.equal(game.decode(z, y), game.average(z, y))
    assert not torch.equal(game.decode(z, y), game.generator.eval()(z, y))


def test_the_average_has_the_half_life_of_its_decay():
    class Still(Game):
        def __init__(self):
            super().__init__()
            self.live, self.average = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False).requires_grad_(False)
            nn.init.constant_(self.live.weight, 1.0)
            nn.init.constant_(self.average.weight, 0.0)

        def players(self):
            loss = lambda batch, step: Loss({"zero": 0 * self.live.weight.sum()})
            return (Player("one", [self.live], loss, averages=[(self.live, self.average)]),)

    game = Still()
    sgd = {"one": torch.optim.SGD(game.live.parameters(), lr=0.1)}
    beta = 0.5 ** (32 / 10_000)
    assert beta == pytest.approx(0.997784, abs=1e-6)
    for step in train(game, lambda index: {}, sgd, start=100_000, rules=Rules(average=beta)):
        if step.index + 1 == 100_000 + math.ceil(10_000 / 32):
            break
    assert float(game.average.weight.detach()) == pytest.approx(0.5, abs=0.002)


def test_steps_in_a_row_are_made_on_fresh_batches(small_gan, adams):
    game = small_gan(objectives.build("wgan_gp", critic_steps=5))
    seen = []

    def batches(index):
        seen.append(index)
        return batches_of(PLANE)(index)

    run(game, batches, adams(game), 9, start=7)
    assert seen == list(range(7 * 6, 9 * 6))


def test_any_iterable_of_batches_will_do(small_gan, adams):
    game, same = small_gan(), small_gan()
    run(game, [batches_of(PLANE)(i) for i in range(4)], adams(game), 4)
    run(same, lambda index: batches_of(PLANE)(index % 4), adams(same), 4)
    assert_same(game, same)
    with pytest.raises(BadOption, match="empty or spent"):
        next(iter(train(game, [], adams(game))))


def test_accumulated_parts_give_the_gradient_of_the_whole(small_gan):
    objective = regularizers.build("r1", weight=1.0)(objectives.build("least_squares"))
    whole, parts = small_gan(objective), small_gan(objective)
    for game, accumulate in ((whole, 1), (parts, 4)):
        movers = {p.name: torch.optim.SGD(p.parameters(), lr=0.0) for p in game.players()}
        batch = batches_of(PLANE, 8)(0)
        game.prior = lambda n, d, device: torch.ones(n, d)
        run(game, [batch], movers, 1, rules=Rules(accumulate=accumulate))
    for one, other in zip(whole.parameters(), parts.parameters(), strict=True):
        if one.grad is not None:
            assert torch.allclose(one.grad, other.grad, atol=1e-6)


def test_clipping_bounds_each_players_norm(small_gan):
    game = small_gan()
    movers = {p.name: torch.optim.SGD(p.parameters(), lr=1.0) for p in game.players()}
    before = [p.detach().clone() for p in game.discriminator.parameters()]
    run(game, batches_of(PLANE), movers, 1, rules=Rules(clip=1e-3))
    moved = [p.detach() - b for p, b in zip(game.discriminator.parameters(), before, strict=True)]
    assert float(torch.nn.utils.get_total_norm(moved)) == pytest.approx(1e-3, rel=1e-3)


@pytest.mark.parametrize("deferred", [False, True], ids=["checked here", "skipped on the device"])
def test_a_gradient_that_is_not_finite_moves_nothing(deferred, small_gan, adams, monkeypatch):
    made = Mover.__init__
    monkeypatch.setattr(Mover, "__init__", lambda self, *a: (made(self, *a), vars(self).update(_defers=deferred))[0])
    game = small_gan()
    optimizers = adams(game)
    good = batches_of(PLANE)(0)
    bad = {"x": good["x"] * torch.nan}
    steps = train(game, iter([good, good, bad, good, good, good]), optimizers)
    next(steps)
    before = {k: v.clone() for k, v in game.discriminator.state_dict().items()}
    step = next(steps)
    assert all(torch.equal(v, before[k]) for k, v in game.discriminator.state_dict().items())
    assert {name: int(count) for name, count in step.skipped.items()} == {"discriminator": 1, "generator": 0}
    next(steps)
    assert all(v.isfinite().all() for v in game.state_dict().values())
    with pytest.raises(Diverged, match="discriminator met 3 gradients in a row that were not finite; lower"):
        run(game, itertools.repeat(bad), optimizers, 9, rules=Rules(patience=3))


def test_a_player_without_optimizer_is_named(small_gan, adams):
    game = small_gan()
    optimizers = adams(game)
    with pytest.raises(BadOption, match="'generatr' is not known; did you mean 'generator'"):
        next(iter(train(game, batches_of(PLANE), {**optimizers, "generatr": optimizers["generator"]})))
    del optimizers["generator"]
    with pytest.raises(BadOption, match="generator"):
        next(iter(train(game, batches_of(PLANE), optimizers)))


def test_bfloat16_trains_with_penalties_in_float32(small_gan, adams):
    seen = []
    game = small_gan(regularizers.build("r1", weight="0.5 every 2")(objectives.build("hinge")), IMAGE, "dcgan")
    hook = game.discriminator.score.register_forward_hook(lambda m, i, out: seen.append(out.dtype))
    precision = Precision(bfloat16=True)
    precision.place(game)
    run(game, batches_of(IMAGE), adams(game), 2, rules=Rules(precision=precision))
    hook.remove()
    half, full = torch.bfloat16, torch.float32
    assert seen == [full, half, half, half, half, half, half], "penalty, real, fake, generator; then without penalty"
    assert all(p.dtype == torch.float32 for p in game.parameters())


def test_a_step_tells_every_term_total_and_norm(small_gan, adams):
    game = small_gan("r3gan")
    step = next(iter(train(game, batches_of(PLANE), adams(game))))
    told = step.scalars()
    assert set(told) == {
        "discriminator/r1", "discriminator/r2", "discriminator/pairing", "discriminator/total",
        "discriminator/gradient", "generator/pairing", "generator/total", "generator/gradient",
    }  # fmt: skip
    terms = [told[f"discriminator/{name}"] for name in ("r1", "r2", "pairing")]
    assert told["discriminator/total"] == pytest.approx(sum(terms))
    assert set(step.losses["discriminator"].seen) == {"x", "fake", "on_real", "on_fake"}


def test_a_lazy_term_is_told_as_it_was_when_last_computed(small_gan, adams):
    lazy = regularizers.build("r1", weight="0.5 every 3")(objectives.build("hinge"))
    told = [step.scalars() for step in itertools.islice(played(small_gan(lazy), adams), 7)]
    r1 = [one["discriminator/r1"] for one in told]
    assert r1[0] > 0
    assert r1[:3] == [r1[0]] * 3
    assert r1[3:6] == [r1[3]] * 3
    assert r1[0] != r1[3] != r1[6]
    assert list(told[0]) == list(told[1]), "in the same order"
    rest = told[1]["discriminator/real"] + told[1]["discriminator/fake"]
    assert told[1]["discriminator/total"] == pytest.approx(rest), "what was minimised at this very step"
    faded = regularizers.build("r1", weight="1 to 0 over 1")(objectives.build("hinge"))
    told = [step.scalars() for step in itertools.islice(played(small_gan(faded), adams), 2)]
    assert told[1]["discriminator/r1"] == 0, "a term that is over is no lazy one"


def test_lazy_terms_survive_a_resume_and_parts_of_a_batch(small_gan, adams):
    lazy = regularizers.build("r1", weight="0.5 every 4")(objectives.build("hinge"))
    game, rules = small_gan(lazy), Rules(accumulate=2)
    optimizers = adams(game)
    steps = list(itertools.islice(played(game, lambda game: optimizers, rules=rules), 3))
    unbroken = [step.scalars() for step in itertools.islice(played(small_gan(lazy), adams, rules=rules), 6)]
    assert steps[2].scalars() == unbroken[2]
    again = small_gan(lazy, seed=7)
    saved, others = pack(game, optimizers, steps[-1].terms), adams(again)
    unpack(saved, again, others)
    going = played(again, lambda game: others, start=3, terms=unpack_terms(saved), rules=rules)
    assert [step.scalars() for step in itertools.islice(going, 3)] == unbroken[3:]


def played(game, adams, **options):
    return train(game, batches_of(PLANE), adams(game), **options)
