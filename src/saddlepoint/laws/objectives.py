"""What every objective keeps, plain and regularized; what every regularizer keeps over each objective of the shelf."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import torch
from torch import Tensor, nn

from saddlepoint import games, objectives, priors, regularizers
from saddlepoint.adversarial import GAN
from saddlepoint.duel import Duel, Featured, Objective, Term
from saddlepoint.errors import BadData
from saddlepoint.laws import zoo
from saddlepoint.laws.law import Law, Refusal, demand
from saddlepoint.spec import Spec
from saddlepoint.training.loop import train


@dataclass(frozen=True, eq=False)
class Dueled:
    """An objective called `name` under a `regularizer`, before samples of no kind or those of a `spec`."""

    on: str
    name: str
    regularizer: str | None = None
    spec: Spec | None = None
    network: str = field(default_factory=lambda: zoo.network_names()[0])

    @property
    def plain(self) -> Objective:
        """The objective alone."""
        made: Objective = objectives.build(self.name, **zoo.small(objectives.shelf.entry(self.name)))
        return made

    @property
    def made(self) -> Objective:
        """The objective under its regularizer."""
        if self.regularizer is None:
            return self.plain
        options = zoo.small(regularizers.shelf.entry(self.regularizer))
        made: Objective = regularizers.build(self.regularizer, **options)(self.plain)
        return made

    def game(self) -> GAN:
        """A small GAN under it."""
        assert self.spec is not None
        torch.manual_seed(0)
        parts = self.spec, self.made, zoo.network(self.network), priors.build("gaussian")
        made: GAN = games.build("gan", *parts, **zoo.small(games.shelf.entry("gan")))
        return made


def of_objective(name: str) -> Iterator[Dueled | Refusal]:
    """An objective, and the game `gan` under it on each spec of the zoo."""
    yield Dueled("scores", name)
    yield from _on_specs(name, None)


def of_regularizer(name: str) -> Iterator[Dueled | Refusal]:
    """A regularizer over each objective, and the game `gan` under both on each sort of specs of the zoo."""
    for objective in objectives.names():
        yield Dueled(f"scores, objective {objective}", objective, name)
        yield from _on_specs(objective, name)


def _on_specs(objective: str, regularizer: str | None) -> Iterator[Dueled | Refusal]:
    over = f", objective {objective}" if regularizer else ""
    for kind, spec in (zoo.of_each_sort() if regularizer else zoo.SPECS).items():
        case = Dueled(f"{kind}{over}", objective, regularizer, spec)
        try:
            game, batches = case.game(), zoo.batches_of(spec)
            for player in game.players():
                player.loss(batches(0), 0)
        except BadData:
            # What the game does not take says nothing of its objective.
            continue
        except Exception as error:
            yield Refusal(case.on, error)
        else:
            yield case


# Samples that every regularizer takes.
_IMAGE = (1, 4, 4)


class Mean(nn.Module, Featured):
    """A discriminator without parameters: a sample's features are its numbers, its score their mean."""

    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return x.flatten(1)

    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        return features.mean(1)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.judge(self.features(x))


class Height(Mean):
    """A discriminator that scores samples about 1 with a `height`, and those about -1 with 0."""

    def __init__(self, height: float) -> None:
        super().__init__()
        self.height = height

    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        return self.height * (20 * features.mean(1)).sigmoid()


def terms_are_finite_scalars_even_for_sure_discriminators(case: Dueled) -> None:
    """At scores of -100, 0 and 100, of either side."""
    objective = case.made
    for real, fake in itertools.product((-100.0, 0.0, 100.0), repeat=2):
        for side, terms in (("discriminator", objective.discriminator), ("generator", objective.generator)):
            duel = Duel(Mean(), torch.full((4, *_IMAGE), real), torch.full((4, *_IMAGE), fake))
            for name, term in terms.items():
                value, where = term(duel), f"the {side}'s term {name} at scores {real:g} and {fake:g}"
                demand(isinstance(value, Tensor) and value.shape == (), f"{where} as a scalar", value)
                demand(bool(value.isfinite()), f"{where} as a finite number", value.item())


def a_higher_score_of_a_fake_never_costs_the_generator(case: Dueled) -> None:
    """The samples as they are, up to the score that the discriminator wants of real ones: beyond, it may cost."""
    objective, top = case.made, _wanted_of_real(case.name)
    losses = []
    for height in torch.linspace(-10, top, 50).tolist():
        torch.manual_seed(0)
        duel = Duel(Height(height), torch.full((8, *_IMAGE), -1.0), torch.ones(8, *_IMAGE))
        losses.append((height, _summed(objective.generator, duel)))
    for (low, before), (high, after) in itertools.pairwise(losses):
        wanted = f"a loss of at most {before:.6g} at a fake's score of {high:.2f}, as at {low:.2f}"
        demand(after <= before + 1e-6, wanted, f"{after:.6g}")


@cache
def _wanted_of_real(name: str) -> float:
    """The highest score from -10 to 10 of real samples that costs the discriminator of an objective least."""
    objective = Dueled("scores", name).plain
    scores, losses = torch.linspace(-10, 10, 201).tolist(), []
    for score in scores:
        torch.manual_seed(0)
        duel = Duel(Mean(), torch.full((8, 1), score).requires_grad_(), torch.full((8, 1), -10.0).requires_grad_())
        losses.append(_summed(objective.discriminator, duel))
    return max(score for score, loss in zip(scores, losses, strict=True) if loss <= min(losses) + 1e-6)


def _summed(terms: Mapping[str, Term], duel: Duel) -> float:
    return sum(float(term(duel).detach()) for term in terms.values())


def the_same_samples_are_scored_once(case: Dueled) -> None:
    """Also where their slopes are penalised: penalties read the scores that the other terms read."""
    penalised = regularizers.build("r2")(regularizers.build("r1")(case.made))
    passes: list[Tensor] = []

    def counting(x: Tensor, y: Tensor | None) -> Tensor:
        passes.append(x.detach())
        return x.square().sum(1)

    duel = Duel(counting, torch.randn(4, 2).requires_grad_(), torch.randn(4, 2).requires_grad_())
    for term in penalised.discriminator.values():
        term(duel)
    twice = sum(torch.equal(one, other) for one, other in itertools.combinations(passes, 2))
    demand(not twice, "one pass of the same samples through the discriminator", f"{len(passes)}, {twice} of them again")


def every_parameter_gets_a_gradient_and_only_its_player_moves_it(case: Dueled) -> None:
    """In a small GAN under it."""
    game, batches = case.game(), zoo.batches_of(_spec(case))
    before = {key: value.clone() for key, value in game.named_parameters()}
    next(iter(train(game, batches, zoo.adams(game))))
    for key, parameter in game.named_parameters():
        demand(
            parameter.grad is not None or key.startswith("average"), "a gradient for each parameter", f"none for {key}"
        )
        demand(parameter.requires_grad or key.startswith("average"), "requires_grad as it was", f"none for {key}")
    moved = {key.partition(".")[0] for key, value in game.named_parameters() if not torch.equal(value, before[key])}
    demand(
        moved == {"generator", "discriminator", "average"}, "a generator and a discriminator that move", sorted(moved)
    )
    for player in game.players():
        others = {key: value.clone() for key, value in game.named_parameters() if not key.startswith(player.name)}
        torch.autograd.backward(player.loss(batches(0), 0).total, inputs=player.parameters())
        changed = [
            key for key, value in game.named_parameters() if key in others and not torch.equal(value, others[key])
        ]
        demand(not changed, f"the {player.name}'s loss changing nobody's parameters", f"{changed} changed")


def _spec(case: Dueled) -> Spec:
    assert case.spec is not None
    return case.spec


def _of_scores(case: Dueled) -> bool:
    return case.spec is None


LAWS: tuple[Law[Dueled], ...] = (
    Law(terms_are_finite_scalars_even_for_sure_discriminators, _of_scores),
    Law(a_higher_score_of_a_fake_never_costs_the_generator, _of_scores),
    Law(the_same_samples_are_scored_once, lambda case: case.spec is None and case.regularizer is None),
    Law(every_parameter_gets_a_gradient_and_only_its_player_moves_it, lambda case: case.spec is not None),
)
