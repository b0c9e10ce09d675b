"""A score that gets worse and stays so."""

from __future__ import annotations

import numpy as np

from saddlepoint.history import Finding, Series


def degradation(score: Series, *, tolerance: float = 1.25, patience: int = 3) -> Finding | None:
    """A score, of which lower is better, above `tolerance` times its best for `patience` evaluations in a row.

    Paper: none; the rule that flags 17 of the 20 of 64 published GAN training logs which end far above their best
    (https://github.com/POSTECH-CVLab/PyTorch-StudioGAN)

    A score that was not finite counts as one above. Scores at or below 0, such as an unbiased kernel distance near
    its floor, are never a best to measure by.
    """
    values, last = score.values, len(score.values) - patience
    best = _best(values[: max(last, 0)])
    if best is None:
        return None
    limit = tolerance * values[best]
    since = score.held(lambda values: ~(values <= limit), patience)
    if since is None:
        return None
    now, least = float(values[-1]), float(values[best])
    become = f"has since risen to {now:.4g}" if np.isfinite(now) else "is no longer a number"
    numbers = {"score": now} if np.isfinite(now) else {}
    return Finding(
        f"the score was best at step {score.steps[best]} ({least:.4g}) and {become}",
        since,
        {**numbers, "best": least, "best_step": int(score.steps[best]), "limit": float(limit)},
        "the discriminator has begun to learn the training samples by heart, or the players have lost their balance",
        "go back to the best step with lower learning rates; a stronger gradient penalty, augmentation or more data "
        "keep it from coming again",
    )


def _best(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int | None:
    """Where the least positive value is."""
    usable = np.where(values > 0, values, np.inf)
    return int(usable.argmin()) if len(values) and np.isfinite(usable.min()) else None
