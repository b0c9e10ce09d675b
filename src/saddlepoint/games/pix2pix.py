"""A generator that is given a picture, and a discriminator that sees it too."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Literal

from torch import Tensor

from saddlepoint.adversarial import Adversarial
from saddlepoint.architecture import Architecture, Discriminator, Translation
from saddlepoint.conditional import Conditional
from saddlepoint.duel import Duel, Objective, weighted
from saddlepoint.errors import BadData, BadOption
from saddlepoint.game import Batch, Loss, Player
from saddlepoint.ranges import Moves
from saddlepoint.schedule import Schedule, Weight, schedule
from saddlepoint.spec import Spec


def pix2pix(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    *,
    distance: Weight = 100.0,
    features: Weight = 0.0,
    adversarial: Weight = 1.0,
    discriminator_label: Literal["join", "none"] = "join",
    discriminator_steps: Moves | None = None,
) -> Pix2Pix | Regression:
    """The generator turns a picture that is given into one that is near the one that belongs to it, and looks real.

    Paper: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks, equations 1 to 4; Ledig
    et al. 2017, Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network, equation 3;
    Wang et al. 2018, High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs, equation 4
    (features)

    generator: `adversarial` times the objective's terms, `distance` E|x - G(y)|, `features` E|f(x) - f(G(y))| of the
    discriminator's features f, all means over numbers. With `adversarial` 0 there is no discriminator: that is
    regression. Whether it scores places is the network's `field`; noise comes from its `dropout`, if from anything:
    the paper found that latents are passed over. Raises `BadData` for data in which no picture is given.
    """
    _check(spec)
    generator = Translation(network, spec.given or spec, spec)
    if adversarial == 0:
        if features != 0:
            raise BadOption("game.features are the discriminator's, and with game.adversarial 0 there is none")
        return Regression(generator, schedule(distance))
    moves = objective.discriminator_steps if discriminator_steps is None else discriminator_steps
    told = replace(asked(objective, adversarial, distance, features), discriminator_steps=moves)
    return Pix2Pix(generator, Discriminator(network, spec, discriminator_label), told)


class Pix2Pix(Adversarial):
    """A generator y -> x of pictures against a discriminator `(x, y) -> (B,)`."""

    def faked(self, x: Tensor, y: Tensor | None) -> Tensor:
        fake: Tensor = self.generator(y)
        return fake

    def draw(self, n: int, y: Tensor | None) -> Tensor:
        x: Tensor = self.average(y)
        return x


class Regression(Conditional):
    """A generator y -> x of pictures alone, which are to be near those that belong to them."""

    def __init__(self, generator: Translation, distance: Schedule) -> None:
        super().__init__()
        self.generator, self.distance = generator, distance
        self.average = deepcopy(generator).requires_grad_(False).eval()

    def players(self) -> Sequence[Player]:
        return (Player("generator", [self.generator], self.loss, averages=[(self.generator, self.average)]),)

    def loss(self, batch: Batch, step: int) -> Loss:
        """The mean absolute error."""
        x, fake = batch["x"], self.generator(batch["y"])
        terms = {"distance": self.distance(step) * (fake - x).abs().mean()}
        return Loss(terms, {"x": x, "fake": fake.detach()})

    def draw(self, n: int, y: Tensor | None) -> Tensor:
        x: Tensor = self.average(y)
        return x


def asked(objective: Objective, adversarial: Weight, distance: Weight, features: Weight) -> Objective:
    """An objective for pairs: its own terms weighed for the generator, and how far fakes are from their partners."""
    own = {name: weighted(adversarial, term) for name, term in objective.generator.items()}
    if distance != 0:
        own["distance"] = weighted(distance, _distance)
    if features != 0:
        own["features"] = weighted(features, _features)
    return replace(objective, generator=own)


def _distance(duel: Duel) -> Tensor:
    return (duel.fake - duel.x).abs().mean()


def _features(duel: Duel) -> Tensor:
    return (duel.fake_features - duel.real_features.detach()).abs().mean()


def _check(spec: Spec) -> None:
    if not spec.is_image or spec.given is None or not spec.given.is_image:
        raise BadData(
            "pix2pix wants pictures that are given pictures: a folder of pairs, or --task downscale, grey, hole, edges"
        )
