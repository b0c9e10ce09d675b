"""A discriminator that knows the training samples by heart."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def overfitting(told_known: Series, *, most: float = 0.85, patience: int = 3) -> Finding | None:
    """Training samples scored above held-out ones in more than `most` of all pairs, `patience` looks in a row.

    Paper: Karras et al. 2020, Training Generative Adversarial Networks with Limited Data, section 3.1
    """
    since = told_known.held(lambda values: values > most, patience)
    if since is None:
        return None
    return Finding(
        f"the discriminator tells {told_known.last:.0%} of training samples from held-out ones",
        since,
        {"told_known": told_known.last, "limit": most},
        "it has begun to learn the training samples by heart and no longer tells the generator what real data is like",
        "more data, --regularizer ada (of images), a heavier gradient penalty, a smaller discriminator or fewer steps",
    )
