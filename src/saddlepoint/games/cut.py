"""One direction: a translator whose patches must be told apart by those of what it was given, and a discriminator."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from saddlepoint.adversarial import terms_of
from saddlepoint.architecture import Architecture, Translation, channels_down
from saddlepoint.duel import Duel, Objective
from saddlepoint.errors import Unfit
from saddlepoint.game import Batch, Discerns, Game, Loss, Player, Translates
from saddlepoint.games._sides import Critic, sides_of, two_sides
from saddlepoint.ranges import Amount, Count, Scale, Whole, Width
from saddlepoint.spec import Spec


def cut(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    *,
    contrast: Amount = 1.0,
    identity: Amount = 1.0,
    patches: Count = 256,
    temperature: Scale = 0.07,
    width: Width = 64,
    pool: Whole = 0,
) -> CUT:
    """Samples of the first class become ones of the second, each patch most like the patch at its own place.

    Paper: Park et al. 2020, Contrastive Learning for Unpaired Image-to-Image Translation, equations 2 to 5

    translator: the objective's terms, `contrast` times the cross-entropy of finding, among `patches` places of the
    picture, the one that a place of the answer comes from, by features of the translator's own first half, layer by
    layer, through two layers of `width`; `identity` times the same of samples of the second class, which should stay.
    One translator and one discriminator instead of two of each: about half of what `cyclegan` costs, and no way back.
    Raises `BadData` unless the data is images of two classes.
    """
    side = two_sides(spec, "cut")
    translator = Translation(network, side, side)
    heads = Heads(translator, side, width, patches, temperature)
    return CUT(translator, heads, Critic(network, side, pool), objective, contrast, identity)


class Heads(nn.Module):
    """Features of the places of pictures x, by layers of their own for each map of a translator's first half."""

    def __init__(self, translator: Translation, side: Spec, width: int, patches: int, temperature: float) -> None:
        super().__init__()
        self.patches, self.temperature = patches, temperature
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Linear(c, width), nn.ReLU(), nn.Linear(width, width))
            for c in channels_down(translator.translator, side.shape)
        )

    def forward(self, given: Sequence[Tensor], made: Sequence[Tensor]) -> Tensor:
        """The mean cross-entropy over layers of maps (B, C, h, w) of what was given, and of what was made of it."""
        losses = [self._of_layer(layer, a, b) for layer, a, b in zip(self.layers, given, made, strict=True)]
        return torch.stack(losses).mean()

    def _of_layer(self, layer: nn.Module, given: Tensor, made: Tensor) -> Tensor:
        places = torch.randperm(given[0, 0].numel(), device=given.device)[: self.patches]
        keys, queries = (
            normalize(layer(maps.flatten(2)[..., places].transpose(1, 2)).float(), dim=2) for maps in (given, made)
        )
        logits = queries @ keys.detach().transpose(1, 2) / self.temperature
        return cross_entropy(logits.flatten(0, 1), torch.arange(len(places), device=given.device).repeat(len(given)))


class CUT(Game, Translates, Discerns):
    """A translator to the second class, heads that tell its patches, and a critic of that class."""

    even = True
    both_ways = False

    def __init__(
        self,
        translator: Translation,
        heads: Heads,
        critic: Critic,
        objective: Objective,
        contrast: float,
        identity: float,
    ) -> None:
        super().__init__()
        self.translator, self.heads, self.critic = translator, heads, critic
        self.average = deepcopy(translator).requires_grad_(False).eval()
        self.objective, self.contrast, self.identity = objective, contrast, identity
        self.controls = nn.ModuleList(objective.controls)

    def players(self) -> Sequence[Player]:
        steps = self.objective.discriminator_steps
        moved = [self.translator, self.heads]
        return (
            Player(
                "discriminator",
                [self.critic],
                self.discriminator_loss,
                steps=steps,
                after=self.objective.following(self.critic),
            ),
            Player("translator", moved, self.translator_loss, averages=[(self.translator, self.average)]),
        )

    def translate(self, x: Tensor, y: Tensor) -> Tensor:
        """Samples (B, *shape) of the first class as ones of the second; raises `Unfit` for classes y the other way."""
        if not bool((y == 1).all()):
            raise Unfit("cut goes one way, from the first class to the second; cyclegan and unit go back too")
        with torch.no_grad():
            made: Tensor = self.average(x)
        return made

    def discern(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Raw scores (B,) of samples as ones of the second class."""
        scores: Tensor = self.critic.scores(x)
        return scores

    def discriminator_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for the discriminator."""
        given, real = sides_of(batch)
        with torch.no_grad():
            fake = self.translator(given)
        loss: Loss = self.critic.loss(self.objective, real, fake, step)
        return loss

    def translator_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for the translator, and how badly its patches are found again."""
        given, real = sides_of(batch)
        maps = self.translator.down(given)
        made = self.translator.up(maps, given)
        loss = terms_of(Duel(self.critic.discriminator, real, made, None, step), self.objective.generator)
        terms = {"contrast": self.contrast * self.heads(maps, self.translator.down(made))}
        if self.identity:
            maps = self.translator.down(real)
            kept = self.translator.down(self.translator.up(maps, real))
            terms["identity"] = self.identity * self.heads(maps, kept)
        return Loss({**loss.terms, **terms}, loss.seen)
