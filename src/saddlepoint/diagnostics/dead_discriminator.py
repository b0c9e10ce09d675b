"""A discriminator that tells nothing apart although there is much to tell."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def dead_discriminator(
    told_apart: Series, score: Series, floor: Series, *, band: float = 0.05, far: float = 4.0, patience: int = 4
) -> Finding | None:
    """Real scored above fake in half of all pairs, give or take `band`, while the score is `far` times real data's.

    Paper: none; the discriminator's answers are those of a coin

    Both `patience` looks in a row. Scores whose `floor` is not above 0 say nothing.
    """
    guessing = told_apart.held(lambda values: abs(values - 0.5) <= band, patience)
    if guessing is None or not floor.last > 0:
        return None
    limit = far * floor.last
    since = score.held(lambda values: ~(values <= limit), patience)
    if since is None:
        return None
    return Finding(
        f"the discriminator tells {told_apart.last:.0%} of pairs apart, no more than a coin, though samples are bad",
        max(guessing, since),
        {"told_apart": told_apart.last, "score": score.last, "floor": floor.last},
        "its units have died or saturated, or its penalty is so heavy that it says the same of everything",
        "lower its learning rate and its penalties' weights, or give it a larger network",
    )
