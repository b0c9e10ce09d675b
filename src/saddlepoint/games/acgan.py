"""Two players, of which one also classifies."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from saddlepoint.adversarial import GAN
from saddlepoint.architecture import Architecture, Generator
from saddlepoint.duel import Duel, Objective, Term
from saddlepoint.errors import BadData
from saddlepoint.games._reading import Reading
from saddlepoint.prior import Prior
from saddlepoint.ranges import Amount, Width
from saddlepoint.spec import Spec


def acgan(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    prior: Prior,
    *,
    latent: Width = 64,
    real_weight: Amount = 1.0,
    fake_weight: Amount = 1.0,
    discriminator_reads_fakes: bool = False,
) -> GAN:
    """The discriminator also reads the class; the generator makes samples whose class is read.

    Paper: Odena, Olah & Shlens 2017, Conditional Image Synthesis with Auxiliary Classifier GANs, equations 2 and 3

    To the objective are added the cross-entropy of the class read in real samples, times `real_weight`, for the
    discriminator, and in fakes, times `fake_weight`, for the generator. The paper's discriminator learns from fakes
    too (`discriminator_reads_fakes`), which lets both agree on fakes that are easy to read; today it mostly does not.
    The class is read in samples as they are: what a regularizer shows the discriminator (noise, flipped labels) is for
    its score. Raises `BadData` for data without classes.
    """
    if len(spec.classes) < 2:
        raise BadData("acgan wants data with at least two classes; train it on labelled data, or take --game gan")
    discriminator = Reading(network, spec)

    def on_fake(duel: Duel) -> Tensor:
        return discriminator.misread(duel.fake_features, duel.y)

    terms: dict[str, Term] = {"class": lambda duel: real_weight * discriminator.misread(duel.real_features, duel.y)}
    if discriminator_reads_fakes:
        terms["fake_class"] = lambda duel: real_weight * on_fake(duel)
    reading = replace(
        objective,
        discriminator={**objective.discriminator, **terms},
        generator={**objective.generator, "class": lambda duel: fake_weight * on_fake(duel)},
    )
    return GAN(Generator(network, spec, latent), discriminator, reading, prior, latent, spec.shares)
