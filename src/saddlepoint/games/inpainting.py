"""A generator that fills holes, before a discriminator that scores the whole and its places by one trunk."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from saddlepoint.architecture import Architecture, LabelledEncoder, Translation
from saddlepoint.duel import Featured, Objective
from saddlepoint.errors import BadData, BadOption
from saddlepoint.games.pix2pix import Pix2Pix, Regression, asked
from saddlepoint.schedule import Weight, schedule
from saddlepoint.spec import Spec


def inpainting(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    *,
    distance: Weight = 100.0,
    adversarial: Weight = 1.0,
) -> Pix2Pix | Regression:
    """The generator fills what is transparent in a picture; a global score and scores by place judge the whole.

    Paper: Demir & Unal 2018, Patch-Based Image Inpainting with Generative Adversarial Networks, equations 3 to 6

    One trunk of convolutions gives features of places; each place has a score, and their mean, through a layer of its
    own, another for the whole, which counts as much as all places together. `distance` and `adversarial` as in
    `pix2pix`; with `adversarial` 0 there is no discriminator. Raises `BadData` for data without holes, `BadOption` for
    a network that scores no places.
    """
    if spec.keeps != "places" or spec.given is None:
        raise BadData("inpainting wants pictures with holes in them: --task hole")
    generator = Translation(network, spec.given, spec)
    if adversarial == 0:
        return Regression(generator, schedule(distance))
    return Pix2Pix(generator, TwoScores(network, spec), asked(objective, adversarial, distance, 0.0))


class TwoScores(nn.Module, Featured):
    """Samples x (B, *shape) given y to raw scores (B 2 places,): of each place, and as many times that of the whole."""

    def __init__(self, network: Architecture, spec: Spec) -> None:
        super().__init__()
        self.encoder = LabelledEncoder(network, spec, join=True)
        if not self.encoder.encoder.places:
            raise BadOption("inpainting wants a network that scores places: --network.field 16, 34, 70 or 142")
        wide = self.encoder.features
        self.place = nn.Linear(wide, 1)
        self.whole = nn.Sequential(nn.Linear(wide, wide), nn.LeakyReLU(0.2), nn.Linear(wide, 1))

    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        h: Tensor = self.encoder(x, y)
        return h.view(len(x), -1, h.shape[1])

    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        places: Tensor = self.place(features).squeeze(2)
        whole: Tensor = self.whole(features.mean(1))
        return torch.cat([places, whole.expand_as(places)], dim=1).flatten()

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.judge(self.features(x, y), y)
