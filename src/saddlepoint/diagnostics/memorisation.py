"""Samples that are copies of training samples."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def memorisation(copies: Series, *, most: float = 0.3, patience: int = 2) -> Finding | None:
    """More than `most` of the samples three times as near to one training sample as to any other, `patience` looks.

    Paper: Yoon et al. 2023, Diffusion Probabilistic Models Generalize when They Fail to Memorize (the ratio)
    """
    since = copies.held(lambda values: values > most, patience)
    if since is None:
        return None
    return Finding(
        f"{copies.last:.0%} of the samples are all but copies of training samples",
        since,
        {"copies": copies.last, "limit": most},
        "there are too few training samples for a network of this size",
        "more data or augmentation, a smaller network, or fewer steps; measure it with `saddle judge`",
        curable=False,
    )
