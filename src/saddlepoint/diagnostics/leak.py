"""Augmentation so strong that it begins to show in samples."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def leak(strength: Series, *, most: float = 0.8, patience: int = 3) -> Finding | None:
    """Augmentation with a probability of at least `most`, `patience` times in a row.

    Paper: Karras et al. 2020, Training Generative Adversarial Networks with Limited Data, section 2.2
    """
    since = strength.held(lambda values: values >= most, patience)
    if since is None:
        return None
    return Finding(
        f"augmentation changes {strength.last:.0%} of what the discriminator sees in each way",
        since,
        {"strength": strength.last, "limit": most},
        "samples are so few that the discriminator learns them by heart however they are changed, and turned or "
        "recoloured ones begin to pass for real",
        "look whether samples are turned or recoloured; more data, a smaller discriminator, a heavier gradient penalty "
        "or fewer steps; --regularizer.ada.most 0.6",
    )
