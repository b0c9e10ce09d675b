"""What every game keeps, on all data that it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import torch
from torch import Tensor

from saddlepoint import games
from saddlepoint.conditional import Density
from saddlepoint.errors import BadData, BadOption, Broken, Unfit
from saddlepoint.game import (
    Batch,
    Codes,
    Decodes,
    Discerns,
    Encodes,
    Fits,
    Game,
    Loss,
    Samples,
    Scores,
    Styles,
    Translates,
    asks,
)
from saddlepoint.laws import zoo
from saddlepoint.laws.law import Law, Refusal, demand
from saddlepoint.source import Batches
from saddlepoint.spec import Spec
from saddlepoint.trained import Trained
from saddlepoint.training.loop import train
from saddlepoint.training.moves import Mover, Rules
from saddlepoint.training.state import pack, unpack, unpack_game


@dataclass(frozen=True, eq=False)
class Played:
    """A small game called `name`, with a network and options, on data of a `spec`."""

    on: str
    name: str
    spec: Spec
    network: str | None
    options: Mapping[str, Any] = field(default_factory=dict)

    def make(self, seed: int = 0) -> Game:
        """The untrained game; its weights are a function of `seed`."""
        torch.manual_seed(seed)
        entry = games.shelf.entry(self.name)
        told = {**zoo.small(entry), **self.options}
        made: Game = games.build(self.name, *zoo.parts(entry, self.spec, self.network), **told)
        return made

    @cached_property
    def abilities(self) -> Game:
        """The game, to be asked what it can do."""
        return self.make()

    @property
    def batches(self) -> Batches:
        """Batches of eight samples, as functions of their index."""
        return zoo.batches_of(self.spec)

    @property
    def heeds_what_is_given(self) -> bool:
        """Whether data in which something is given is not to it as any other."""
        return self.spec.given is None or asks(self.abilities)

    @property
    def plain(self) -> bool:
        """Whether all options are as they come."""
        return not self.options


def cases(name: str) -> Iterator[Played | Refusal]:
    """A game with its options as they come on each spec of the zoo, and with each choice of one on each sort."""
    for options in zoo.variations(games.shelf.entry(name)):
        for kind in zoo.of_each_sort() if options else zoo.SPECS:
            case = taken(name, kind, options)
            if isinstance(case, Refusal) or case.plain or case.heeds_what_is_given:
                yield case


def taken(name: str, kind: str, options: Mapping[str, Any]) -> Played | Refusal:
    """The game on data of a kind with the plainest network that it takes; or what it says instead."""
    refused = None
    for network in zoo.network_names() if "network" in games.shelf.entry(name).parts else (None,):
        case = Played(_on(kind, network, options), name, zoo.SPECS[kind], network, options)
        try:
            case.make()
        except BadOption as error:
            refused = refused or Refusal(case.on, error)
        except Exception as error:
            return Refusal(_on(kind, None if isinstance(error, BadData) else network, options), error)
        else:
            return case
    assert refused
    return refused


def _on(kind: str, network: str | None, options: Mapping[str, Any]) -> str:
    told = [f"{name} {value}" for name, value in options.items()]
    return ", ".join([kind, *([f"network {network}"] if network else []), *told])


def play(game: Game, batches: Batches, steps: int, lr: float = 1e-3) -> Mapping[str, Any]:
    """Some steps, every number of them finite, or all at once where the game is fitted; the optimizers."""
    movers = zoo.adams(game, lr)
    go_on(game, batches, movers, steps)
    return movers


def go_on(game: Game, batches: Batches, movers: Mapping[str, Any], steps: int, start: int = 0) -> None:
    """Steps from `start` on with the same optimizers."""
    if isinstance(game, Fits):
        parts = [batches(index) for index in range(8)]
        y = torch.cat([part["y"] for part in parts]) if "y" in parts[0] else None
        game.fit(torch.cat([part["x"] for part in parts]), y)
        return
    for step in train(game, batches, movers, seed=3, start=start):
        for player, loss in step.losses.items():
            _refuse_terms(player, loss)
        strange = {name: value for name, value in step.scalars().items() if not math.isfinite(value)}
        demand(not strange, "finite numbers in each step", strange)
        if step.index + 1 == start + steps:
            return


def _refuse_terms(player: str, loss: Loss) -> None:
    for name, value in loss.terms.items():
        demand(value.shape == (), f"the {player}'s term {name} as a scalar", f"shape {tuple(value.shape)}")
        demand(bool(value.isfinite()), f"the {player}'s term {name} as a finite number", value.item())


@lru_cache(maxsize=2)
def trained(case: Played) -> Game:
    """The game after two steps, to be asked and not to be moved."""
    game = case.make()
    play(game, case.batches, steps=2)
    return game


def drawn(game: Game, batch: Batch, n: int = 6, seed: int = 5) -> Tensor:
    """`n` samples that a game makes, or counterparts of a batch's, as it is asked for them; a function of `seed`."""
    torch.manual_seed(seed)
    if isinstance(game, Samples):
        return game.sample(n, batch["y"][:n] if game.asks else None)
    demand(isinstance(game, Translates), "a game that Samples or Translates", type(game).__name__)
    assert isinstance(game, Translates)
    return game.translate(batch["x"][:n], torch.ones(len(batch["x"][:n]), dtype=torch.long))


def _labels(game: Samples, batch: Batch, n: int) -> Tensor | None:
    """What `n` samples may be asked for by."""
    if game.asks:
        return batch["y"][:n]
    return torch.arange(n) % game.classes if game.classes else None


def each_player_moves_all_of_its_own_and_nothing_else(case: Played) -> None:
    """Every parameter that learns has one owner, gets a gradient, and is moved by nobody else."""
    game = case.make()
    owners: dict[Tensor, str] = {}
    names: dict[Tensor, str] = {parameter: name for name, parameter in game.named_parameters()}
    for player in game.players():
        for parameter in player.parameters():
            owner = owners.setdefault(parameter, player.name)
            demand(owner == player.name, "each parameter moved by one player", f"{names.get(parameter)} moved by two")
    learnt = {p for p in game.parameters() if p.requires_grad}
    lost = learnt ^ {p for p in owners if p.requires_grad}
    demand(
        not lost,
        "each parameter that learns moved by a player",
        f"{sorted(names.get(p, 'one outside') for p in lost)} by nobody",
    )
    for player in game.players():
        _moves_its_own(case, game, player.name, owners)
        demand(
            all(p.requires_grad == (p in learnt) for p in game.parameters()),
            "requires_grad as it was",
            "another after a move",
        )


def _moves_its_own(case: Played, game: Game, name: str, owners: Mapping[Tensor, str]) -> None:
    player = next(player for player in game.players() if player.name == name)
    others = {key: p.clone() for key, p in game.named_parameters() if owners.get(p) != name}
    mover = Mover(game, player, zoo.adams(game, lr=1e-2)[name], Rules(average=1.0))
    mover.differentiate(case.batches(0), 0)
    own = {id(p) for p in player.parameters() if p.requires_grad and p.grad is None}
    without = [key for key, p in game.named_parameters() if id(p) in own]
    demand(not own, f"a gradient for each parameter of the {name}", f"none for {without}")
    mover.step()
    moved = [key for key, p in game.named_parameters() if key in others and not torch.equal(p, others[key])]
    demand(not moved, f"the {name} moving its own alone", f"{moved} moved too")


def samples_are_of_the_spec_and_a_function_of_the_seed(case: Played) -> None:
    """Finite, of the sample's shape and within its bounds, without a gradient; as many as are asked for, or none."""
    game, batch = trained(case), case.batches(0)
    made = drawn(game, batch)
    wanted = (6, *case.spec.shape)
    demand(made.shape == wanted, f"samples {wanted}", tuple(made.shape))
    demand(bool(made.isfinite().all()), "finite samples", "others")
    demand(not made.requires_grad, "samples without a gradient", "some that track one")
    demand(torch.equal(made, drawn(game, batch)), "the same samples from the same seed")
    none = drawn(game, batch, n=0)
    demand(
        none.shape == (0, *case.spec.shape),
        f"no samples {(0, *case.spec.shape)} where none are asked for",
        tuple(none.shape),
    )
    if isinstance(game, Samples):
        asked = game.sample(6, _labels(game, batch, 6))
        demand(asked.shape == wanted, f"samples {wanted} by class or by what is given", tuple(asked.shape))


def decoding_leads_back_to_latents(case: Played) -> None:
    """`decode` turns `latents` into samples, through which a gradient finds them."""
    game = trained(case)
    assert isinstance(game, Decodes)
    z = game.latents(4).requires_grad_()
    y = _labels(game, case.batches(0), 4) if isinstance(game, Samples) else None
    found = game.decode(z, y)
    demand(found.shape == (4, *case.spec.shape), f"samples {(4, *case.spec.shape)} from 4 latents", tuple(found.shape))
    _leads_back(found, z, "latents")


def styles_are_what_latents_are_decoded_by(case: Played) -> None:
    """`paint` of the `style` of latents is what `decode` makes of them; a gradient finds each layer's style."""
    game = trained(case)
    assert isinstance(game, Styles)
    z = game.latents(4)
    y = _labels(game, case.batches(0), 4) if isinstance(game, Samples) else None
    w = game.style(z, y).detach().clone().requires_grad_()
    demand(w.dim() == 3, "styles (4, layers, style) of 4 latents", tuple(w.shape))
    found = game.paint(w)
    demand(torch.equal(found, game.decode(z, y)), "what decode makes, painted in two halves", "something else")
    _leads_back(found, w, "styles")


def encoding_leads_back_to_samples(case: Played) -> None:
    """`encode` gives a code for each sample, through which a gradient finds it."""
    game, batch = trained(case), case.batches(0)
    assert isinstance(game, Encodes)
    seen = batch["x"].clone().requires_grad_()
    found = game.encode(seen, batch.get("y"))
    demand(len(found) == len(seen), f"a code for each of {len(seen)} samples", len(found))
    _leads_back(found, seen, "samples")


def discerning_gives_a_score_for_each_sample_and_leads_back(case: Played) -> None:
    """`discern` gives scores (B,), or says that it cannot; a gradient finds the samples."""
    game, batch = trained(case), case.batches(0)
    assert isinstance(game, Discerns)
    seen = batch["x"].clone().requires_grad_()
    found = game.discern(seen, batch.get("y"))
    demand(found.shape == (len(seen),), f"scores ({len(seen)},)", tuple(found.shape))
    _leads_back(found, seen, "samples")


def _leads_back(found: Tensor, start: Tensor, what: str) -> None:
    demand(found.requires_grad, f"a gradient that leads back to {what}", "none")
    (gradient,) = torch.autograd.grad(found.sum(), start, allow_unused=True)
    there = gradient is not None and bool(gradient.isfinite().all()) and bool(gradient.any())
    demand(there, f"a finite gradient that leads back to {what}", "none")


def codes_tell_latents_apart(case: Played) -> None:
    """Latents with one code are not those with another."""
    game = trained(case)
    assert isinstance(game, Codes)
    if game.codes:
        z = game.coded(game.latents(4), torch.tensor([0, 1, 0, 1]))
        demand(not torch.equal(z[0], z[1]), "other latents for another code", "the same")


def densities_are_one_for_each_sample(case: Played) -> None:
    """`score` gives log-densities (B,), none of them NaN."""
    game, x = trained(case), case.batches(0)["x"]
    assert isinstance(game, Scores)
    found = game.score(x, case.batches(0)["y"] if asks(game) else None)
    demand(found.shape == (len(x),), f"log-densities ({len(x)},)", tuple(found.shape))
    demand(not bool(found.isnan().any()), "numbers, -inf where a sample is impossible", "NaN")


def densities_by_class_make_up_the_whole(case: Played) -> None:
    """log p(x) = log sum p(x, y), and p(y | x) sums to one."""
    game, x = trained(case), case.batches(0)["x"]
    assert isinstance(game, Density)
    joint = _seeded(game.joint, x)
    demand(torch.allclose(_seeded(game.score, x), joint.logsumexp(1)), "log p(x) = log sum p(x, y)", "another sum")
    known = joint.isfinite().any(1)
    demand(bool(known.any()), "a sample that is possible", "none")
    whole = _seeded(game.posterior, x)[known].exp().sum(1)
    demand(torch.allclose(whole, torch.ones(len(whole))), "p(y | x) that sum to 1", whole.tolist())


def _seeded(measure: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    torch.manual_seed(0)
    return measure(x)


def translations_are_of_the_spec(case: Played) -> None:
    """Counterparts in the second class, each of its sample alone; in the first too, where it goes `both_ways`."""
    game, batch = trained(case), case.batches(0)
    assert isinstance(game, Translates)
    x, to = batch["x"], torch.ones(len(batch["x"]), dtype=torch.long)
    made = game.translate(x, to)
    demand(made.shape == x.shape, f"counterparts {tuple(x.shape)}", tuple(made.shape))
    demand(bool(made.isfinite().all()), "finite counterparts", "others")
    demand(not made.requires_grad, "counterparts without a gradient", "some that track one")
    alone = game.translate(x[:1], to[:1])
    demand(torch.allclose(alone, made[:1], atol=1e-5), "a counterpart that depends on its sample alone")
    try:
        back = game.translate(x, 1 - batch["y"])
    except Unfit as error:
        demand(not game.both_ways, "counterparts in either class, as it goes both ways", error)
    else:
        demand(game.both_ways, "Unfit for the first class, as it goes one way", "counterparts")
        demand(back.shape == x.shape, f"counterparts in either class {tuple(x.shape)}", tuple(back.shape))


def resumed_is_unbroken_and_loaded_is_the_same_bit_for_bit(case: Played) -> None:
    """What was saved goes on as if nothing had been, also where it was looked at on the way."""
    game, batch = case.make(), case.batches(0)
    movers = play(game, case.batches, steps=2)
    saved = {key: value.clone() for key, value in pack(game, movers).items()}
    loaded = case.make(seed=9)
    unpack_game(saved, loaded)
    game.eval(), loaded.eval()
    if not isinstance(game, Fits):
        _same(drawn(game, batch), drawn(loaded, batch), "samples as before saving, once loaded")
        loaded = case.make(seed=9)
        others = zoo.adams(loaded)
        unpack(saved, loaded, others)
        go_on(loaded, case.batches, others, steps=2, start=2)
        go_on(game, case.batches, movers, steps=2, start=2)
        game.eval(), loaded.eval()
    for key, value in game.state_dict().items():
        _same(value, loaded.state_dict()[key], f"{key} as in the unbroken run")
    _same(drawn(game, batch), drawn(loaded, batch), "samples as in the unbroken run")


def _same(one: Tensor, other: Tensor, wanted: str) -> None:
    demand(torch.equal(one, other), f"{wanted}, bit for bit", "others; is there state that is no buffer?")


def a_batch_that_is_not_finite_leaves_nothing_behind(case: Played) -> None:
    """The loop passes such a step over; no controller or running moment may keep it."""
    game, whole = case.make(), case.batches

    def batches(index: int) -> Batch:
        batch = whole(index)
        return {**batch, "x": batch["x"] * float("nan")} if index == 1 else batch

    for step in train(game, batches, zoo.adams(game), seed=0):
        if step.index == 3:
            break
    bad = [key for key, value in game.state_dict().items() if not value.isfinite().all()]
    demand(not bad, "finite state after a batch of NaN", f"others in {bad}")
    demand(bool(drawn(game, whole(0)).isfinite().all()), "finite samples after a batch of NaN", "others")


def labels_change_what_is_made(case: Played) -> None:
    """Other samples for other labels, once a little is learnt."""
    game = case.make()

    def batches(index: int) -> Batch:
        batch = zoo.batches_of(case.spec, 64)(index)
        return {"x": batch["x"] * 0.1 + batch["y"][:, None] - 1.0, "y": batch["y"]}

    play(game, batches, steps=100, lr=1e-2)
    game.eval()
    assert isinstance(game, Samples)

    def of_class(label: int) -> Tensor:
        assert isinstance(game, Samples)
        torch.manual_seed(0)
        return game.sample(64, torch.full((64,), label))

    same = torch.allclose(of_class(0), of_class(game.classes - 1), atol=1e-3)
    demand(not same, "other samples for another label", "the same")


def what_is_given_changes_what_is_made(case: Played) -> None:
    """Other samples where something else is given."""
    game = case.make()
    movers = zoo.adams(game, lr=1e-2)
    for start in range(0, 30, 3):
        go_on(game, case.batches, movers, steps=3, start=start)
        one, other = (drawn(game, case.batches(index)) for index in range(2))
        if not torch.equal(one, other):
            return
    raise Broken("wanted other samples where something else is given, after 30 steps, got the same")


def what_is_kept_of_what_is_given_is_in_the_samples(case: Played) -> None:
    """A picture's places that are not transparent are its sample's."""
    y = case.batches(0)["y"][:6]
    known = (y[:, -1:] > 0).expand(6, *case.spec.shape)
    made = drawn(trained(case), case.batches(0))
    demand(torch.equal(made[known], y[:, :-1][known]), "known places as they are given")


def it_works_with_every_network_that_it_takes(case: Played) -> None:
    """Two steps and samples of the spec with each network of the shelf, within its bounds."""
    for network in zoo.network_names():
        one = Played(f"{case.on}, network {network}", case.name, case.spec, network, case.options)
        try:
            game = one.make()
        except BadOption:
            continue
        play(game, one.batches, steps=2)
        made = drawn(game, one.batches(0), n=3)
        demand(
            made.shape == (3, *case.spec.shape),
            f"samples {(3, *case.spec.shape)} with network {network}",
            tuple(made.shape),
        )
        demand(bool(made.abs().max() <= 1), f"samples from -1 to 1 with network {network}", float(made.abs().max()))


def a_trained_part_stays_as_it_was(case: Played) -> None:
    """What was trained before is as it was after some steps: parameters, running moments and mode."""
    game = case.make()
    parts = [module for module in game.modules() if isinstance(module, Trained)]
    before = [{key: value.clone() for key, value in part.state_dict().items()} for part in parts]
    play(game.train(), case.batches, steps=2)
    for part, state in zip(parts, before, strict=True):
        other = [key for key, value in part.state_dict().items() if not torch.equal(value, state[key])]
        demand(not other, "a trained part as it was", f"another {other}")
        demand(not any(module.training for module in part.modules()), "a trained part in evaluation mode", "training")


def _can(ability: type) -> Callable[[Played], bool]:
    return lambda case: isinstance(case.abilities, ability)


def _learns_labels(case: Played) -> bool:
    game = case.abilities
    return case.plain and isinstance(game, Samples) and game.classes > 0 and case.spec == zoo.VECTOR


def _asks(case: Played) -> bool:
    return asks(case.abilities)


LAWS: tuple[Law[Played], ...] = (
    Law(each_player_moves_all_of_its_own_and_nothing_else),
    Law(samples_are_of_the_spec_and_a_function_of_the_seed),
    Law(decoding_leads_back_to_latents, _can(Decodes)),
    Law(styles_are_what_latents_are_decoded_by, _can(Styles)),
    Law(encoding_leads_back_to_samples, _can(Encodes)),
    Law(discerning_gives_a_score_for_each_sample_and_leads_back, _can(Discerns)),
    Law(codes_tell_latents_apart, _can(Codes)),
    Law(densities_are_one_for_each_sample, _can(Scores)),
    Law(
        densities_by_class_make_up_the_whole,
        lambda case: isinstance(case.abilities, Density) and case.abilities.classes > 0,
    ),
    Law(translations_are_of_the_spec, _can(Translates)),
    Law(resumed_is_unbroken_and_loaded_is_the_same_bit_for_bit),
    Law(
        a_batch_that_is_not_finite_leaves_nothing_behind,
        lambda case: case.plain and not isinstance(case.abilities, Fits),
    ),
    Law(labels_change_what_is_made, _learns_labels),
    Law(what_is_given_changes_what_is_made, _asks),
    Law(
        what_is_kept_of_what_is_given_is_in_the_samples,
        lambda case: case.spec.keeps == "places" and asks(case.abilities),
    ),
    Law(a_trained_part_stays_as_it_was, lambda case: any(isinstance(m, Trained) for m in case.abilities.modules())),
    Law(
        it_works_with_every_network_that_it_takes, lambda case: case.plain and case.spec.is_image and bool(case.network)
    ),
)
