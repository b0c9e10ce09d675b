"""Two teams: translators there and back, and a discriminator for each side."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from saddlepoint.adversarial import terms_of
from saddlepoint.architecture import Architecture, Translation
from saddlepoint.duel import Duel, Objective
from saddlepoint.game import Batch, Discerns, Game, Loss, Player, Translates
from saddlepoint.games._sides import Both, Critic, by_side, named, sides_of, two_sides, ways
from saddlepoint.ranges import Amount, Whole
from saddlepoint.spec import Spec


def cyclegan(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    *,
    cycle: Amount = 10.0,
    identity: Amount = 0.0,
    pool: Whole = 50,
) -> CycleGAN:
    """Samples of one class become ones of the other, and what comes back is what there was.

    Paper: Zhu et al. 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, equations
    1 to 3, and section 5.2 (identity)

    translators: the objective's terms on either side, `cycle` (E|F(G(a)) - a| + E|G(F(b)) - b|), `identity` E|G(b) - b|
    and back: what is of a class already stays as it is, 5 in the paper where colours were to be kept. The
    discriminators see the last `pool` fakes in the place of half of the new ones. Raises `BadData` unless the data is
    images of two classes.
    """
    side = two_sides(spec, "cyclegan")
    translators = Both(lambda: Translation(network, side, side))
    return CycleGAN(translators, Both(lambda: Critic(network, side, pool)), objective, cycle, identity)


class CycleGAN(Game, Translates, Discerns):
    """`translators.of(k)` leads to class k, `critics.of(k)` tells real samples of class k."""

    even = True

    def __init__(
        self,
        translators: Both[Translation],
        critics: Both[Critic],
        objective: Objective,
        cycle: float,
        identity: float,
    ) -> None:
        super().__init__()
        self.translators, self.critics = translators, critics
        self.averages = deepcopy(translators).requires_grad_(False).eval()
        self.objective, self.cycle, self.identity = objective, cycle, identity
        self.controls = nn.ModuleList(objective.controls)

    def players(self) -> Sequence[Player]:
        steps = self.objective.discriminator_steps
        return (
            Player(
                "discriminators",
                [self.critics],
                self.discriminators_loss,
                steps=steps,
                after=self.objective.following(self.critics),
            ),
            Player(
                "translators", [self.translators], self.translators_loss, averages=[(self.translators, self.averages)]
            ),
        )

    def translate(self, x: Tensor, y: Tensor) -> Tensor:
        """Samples (B, *shape) of either class as samples of classes y (B,)."""
        with torch.no_grad():
            return by_side(y, lambda k, rows: self.averages.of(k)(x[rows]))

    def discern(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Raw scores (B,) of samples as ones of classes y (B,), of the second where none are told."""
        y = torch.ones(len(x), dtype=torch.long, device=x.device) if y is None else y
        return by_side(y, lambda k, rows: self.critics.of(k).scores(x[rows]))

    def discriminators_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for either discriminator."""
        found = {}
        for k, own, other in ways(sides_of(batch)):
            with torch.no_grad():
                fake = self.translators.of(k)(other)
            found[f"{k}"] = self.critics.of(k).loss(self.objective, own, fake, step)
        return named(found)

    def translators_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for either translator, what comes back, and what should stay."""
        found = {}
        for k, own, other in ways(sides_of(batch)):
            there = self.translators.of(k)(other)
            loss = terms_of(Duel(self.critics.of(k).discriminator, own, there, None, step), self.objective.generator)
            terms = {"cycle": self.cycle * (self.translators.of(1 - k)(there) - other).abs().mean()}
            if self.identity:
                terms["identity"] = self.identity * (self.translators.of(k)(own) - own).abs().mean()
            found[f"{k}"] = Loss({**loss.terms, **terms}, loss.seen)
        return named(found)
