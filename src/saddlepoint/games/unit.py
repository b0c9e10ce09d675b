"""Two variational autoencoders that share their latents, and a discriminator for each side."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from saddlepoint.adversarial import terms_of
from saddlepoint.architecture import Architecture, Translator, channels_down
from saddlepoint.draws import normal
from saddlepoint.duel import Duel, Objective
from saddlepoint.endings import Ending, ending
from saddlepoint.errors import BadOption
from saddlepoint.game import Batch, Discerns, Game, Loss, Player, Translates
from saddlepoint.games._sides import Both, Critic, by_side, named, sides_of, two_sides, ways
from saddlepoint.layers.residual import Residual
from saddlepoint.ranges import Amount, Whole
from saddlepoint.spec import Spec


def unit(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    *,
    reconstruction: Amount = 10.0,
    divergence: Amount = 0.01,
    cycle: Amount = 10.0,
    pool: Whole = 50,
) -> UNIT:
    """Samples of either class are drawn from one latent space, from which each can be decoded as either class.

    Paper: Liu, Breuel & Kautz 2017, Unsupervised Image-to-Image Translation Networks, equations 2 to 6

    Each class has an encoder's first and a decoder's last layers of its own; those in the middle are shared. With
    q(z|x) = N(h(x), I): `reconstruction` E|x - x'|, `divergence` E|h|^2 / 2 as a mean over numbers, the same two after
    there and back (`cycle`, `divergence`), and the objective's terms for what is decoded as the other class. Absolute
    errors are the paper's Laplacian likelihood. Raises `BadData` unless the data is images of two classes, `BadOption`
    for a network whose second half sees more than the latents.
    """
    side = two_sides(spec, "unit")
    sides = Both(lambda: network.translating(side.shape, side.shape))
    if sides.of(0).skips:
        raise BadOption("unit wants a network whose second half sees latents alone: --network resnet")
    critics = Both(lambda: Critic(network, side, pool))
    return UNIT(
        Autoencoders(sides, side, ending(side)),
        critics,
        objective,
        (reconstruction, divergence, cycle),
    )


class Autoencoders(nn.Module):
    """`encode(k, x)` gives the mean (B, C, h, w) of the latents of samples of class k, `decode(k, z)` samples of it."""

    def __init__(self, sides: Both[Translator], spec: Spec, end: Ending) -> None:
        super().__init__()
        self.sides, self.ending = sides, end
        channels = channels_down(sides.of(0), spec.shape)[-1]
        self.before, self.after = (Residual(channels, "none", "leaky_relu") for _ in range(2))

    def encode(self, k: int, x: Tensor) -> Tensor:
        h: Tensor = self.before(self.sides.of(k).down(x)[-1])
        return h

    def decode(self, k: int, z: Tensor) -> Tensor:
        x: Tensor = self.ending(self.sides.of(k).up([self.after(z)]))
        return x


class UNIT(Game, Translates, Discerns):
    """`critics.of(k)` tells real samples of class k; latents are shared by both."""

    even = True

    def __init__(
        self,
        autoencoders: Autoencoders,
        critics: Both[Critic],
        objective: Objective,
        weights: tuple[float, float, float],
    ) -> None:
        super().__init__()
        self.autoencoders, self.critics = autoencoders, critics
        self.average = deepcopy(autoencoders).requires_grad_(False).eval()
        self.objective, self.weights = objective, weights
        self.controls = nn.ModuleList(objective.controls)

    def players(self) -> Sequence[Player]:
        steps, moved = self.objective.discriminator_steps, self.autoencoders
        return (
            Player(
                "discriminators",
                [self.critics],
                self.discriminators_loss,
                steps=steps,
                after=self.objective.following(self.critics),
            ),
            Player("autoencoders", [moved], self.autoencoders_loss, averages=[(moved, self.average)]),
        )

    def translate(self, x: Tensor, y: Tensor) -> Tensor:
        """Samples (B, *shape) of either class as samples of classes y (B,), by the means of their latents."""
        own = self.average
        with torch.no_grad():
            return by_side(y, lambda k, rows: own.decode(k, own.encode(1 - k, x[rows])))

    def discern(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Raw scores (B,) of samples as ones of classes y (B,), of the second where none are told."""
        y = torch.ones(len(x), dtype=torch.long, device=x.device) if y is None else y
        return by_side(y, lambda k, rows: self.critics.of(k).scores(x[rows]))

    def discriminators_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for either discriminator."""
        own, found = self.autoencoders, {}
        for k, real, other in ways(sides_of(batch)):
            with torch.no_grad():
                fake = own.decode(k, _drawn(own.encode(1 - k, other)))
            found[f"{k}"] = self.critics.of(k).loss(self.objective, real, fake, step)
        return named(found)

    def autoencoders_loss(self, batch: Batch, step: int) -> Loss:
        """The objective's terms for what is decoded as the other class, and both bounds' terms."""
        own, found = self.autoencoders, {}
        reconstruction, divergence, cycle = self.weights
        for k, real, other in ways(sides_of(batch)):
            mean = own.encode(1 - k, other)
            z = _drawn(mean)
            made = own.decode(k, z)
            loss = terms_of(Duel(self.critics.of(k).discriminator, real, made, None, step), self.objective.generator)
            again = own.encode(k, made)
            terms = {
                "reconstruction": reconstruction * (own.decode(1 - k, z) - other).abs().mean(),
                "cycle": cycle * (own.decode(1 - k, _drawn(again)) - other).abs().mean(),
                "divergence": divergence * (mean.square().mean() + again.square().mean()) / 2,
            }
            found[f"{k}"] = Loss({**loss.terms, **terms}, loss.seen)
        return named(found)


def _drawn(mean: Tensor) -> Tensor:
    """z ~ N(mean, I)."""
    return mean + normal(len(mean), mean.shape[1:], mean)
