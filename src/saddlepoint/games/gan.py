"""The two-player game: a generator against a discriminator."""

from __future__ import annotations

from dataclasses import replace

from saddlepoint.adversarial import GAN
from saddlepoint.architecture import Architecture, DiscriminatorLabel, GeneratorLabel
from saddlepoint.conditional import shares_for
from saddlepoint.duel import Objective
from saddlepoint.games._packing import packing
from saddlepoint.prior import Prior
from saddlepoint.ranges import Moves, Width
from saddlepoint.spec import Spec


def gan(
    spec: Spec,
    objective: Objective,
    network: Architecture,
    prior: Prior,
    *,
    latent: Width = 64,
    generator_label: GeneratorLabel = "join",
    discriminator_label: DiscriminatorLabel = "join",
    pack: Moves = 1,
    discriminator_steps: Moves | None = None,
    generator_steps: Moves = 1,
) -> GAN:
    """A generator against a discriminator, class-conditional where the data is labelled.

    Paper: Goodfellow et al. 2014, Generative Adversarial Nets; Mirza & Osindero 2014, Conditional GANs

    Labels are joined to the input, or come in by conditional normalisation and projection; "none" for both trains
    without them. What is sampled is the moving average of the generator. The discriminator sees packs of `pack`
    samples (Lin et al. 2018, PacGAN). Each step it moves `discriminator_steps` times, the objective's own number
    unless told, and the generator `generator_steps` times, each on a fresh batch.
    """
    moves = objective.discriminator_steps if discriminator_steps is None else discriminator_steps
    objective = packing(objective, pack)
    pair = network.pair(spec, latent, generator_label, discriminator_label, pack=pack)
    return GAN(
        pair.generator,
        pair.discriminator,
        replace(objective, discriminator_steps=moves),
        prior,
        latent,
        shares_for(spec, pair.label),
        generator_steps=generator_steps,
    )
