"""Answers that do not depend on what is given."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def ignored_input(responds: Series, *, least: float = 0.1, patience: int = 3) -> Finding | None:
    """Answers to others' questions, from the same noise, hardly other than to their own, `patience` looks in a row.

    Paper: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks, section 3.1

    By the mean absolute difference, of which the samples that belong to the questions have 1.
    """
    since = responds.held(lambda values: values < least, patience)
    if since is None:
        return None
    return Finding(
        f"what is given makes hardly a difference: {responds.last:.2g} of what it should",
        since,
        {"responds": responds.last, "limit": least},
        "the discriminator alone decides, and takes any real-looking sample; or all inputs look alike to the network",
        "a greater --game.distance or --game.cycle; let the discriminator see what is given "
        "(--game.discriminator_label join); a network with skips (--network unet)",
    )
