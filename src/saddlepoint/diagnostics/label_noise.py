"""Labels that disagree with what they label."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def label_noise(
    labelled: Series, voted: Series, label_excess: Series, *, clear: float = 0.6, most: float = 0.75, gap: float = 0.1
) -> Finding | None:
    """Labels that their neighbours contradict although these agree with each other, or that say nothing at all.

    Paper: Wilson 1972, Asymptotic Properties of Nearest Neighbor Rules Using Edited Data (labels edited by neighbours)

    The first: a sample's neighbours vote as other neighbours do in at least `clear` of all cases, as its own label in
    at most `most` and by `gap` less often. The second: they vote as its label no oftener than chance would, by fewer
    than three standard errors. Of classes that are hard to tell by pixels the first says nothing.
    """
    told, agreed, excess = labelled.last, voted.last, label_excess.last
    contradicted = agreed >= clear and told <= most and agreed - told >= gap
    if not contradicted and excess >= 3:
        return None
    said = (
        f"neighbours contradict {1 - told:.0%} of the labels"
        if contradicted
        else "the labels tell nothing of the samples' values"
    )
    return Finding(
        said,
        0,
        {"labelled": told, "voted": agreed, "excess": excess},
        "labels were mixed up, shuffled against their samples, or come from a careless source",
        "look at some samples beside their labels; without good labels train without them (--game.generator_label none "
        "--game.discriminator_label none)",
        curable=False,
    )
