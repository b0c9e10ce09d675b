"""Two players, of which one also tells the style, and the other makes what is of none."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from saddlepoint.adversarial import GAN
from saddlepoint.architecture import Architecture, Generator
from saddlepoint.duel import Duel, Objective
from saddlepoint.errors import BadData
from saddlepoint.games._reading import Reading
from saddlepoint.prior import Prior
from saddlepoint.ranges import Amount, Width
from saddlepoint.spec import Spec


def can(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    prior: Prior,
    *,
    latent: Width = 64,
    style_weight: Amount = 1.0,
    ambiguity: Amount = 1.0,
) -> GAN:
    """The generator makes samples that look real and whose class the discriminator cannot tell.

    Paper: Elgammal et al. 2017, CAN: Creative Adversarial Networks, section 3.2

    The classes of the data are its styles. To the objective are added, for the discriminator, the cross-entropy of the
    style read in real samples, times `style_weight`; for the generator, times `ambiguity`, that of the even mix of all
    K styles as read in its own, above log K, its least. Samples have no class.
    Raises `BadData` for data without classes.
    """
    if len(spec.classes) < 2:
        raise BadData("can wants data with at least two classes, its styles; train it on labelled data")
    discriminator = Reading(network, spec)

    def style(duel: Duel) -> Tensor:
        return style_weight * discriminator.misread(duel.real_features, duel.y)

    def told(duel: Duel) -> Tensor:
        return ambiguity * discriminator.sureness(duel.fake_features)

    styled = replace(
        objective,
        discriminator={**objective.discriminator, "style": style},
        generator={**objective.generator, "ambiguity": told},
    )
    return GAN(Generator(network, spec, latent, "none"), discriminator, styled, prior, latent)
