"""Gradients that are not finite, or that explode."""

from __future__ import annotations

import numpy as np

from saddlepoint.history import Finding, Series


def divergence(gradient: Series, skipped: Series, *, factor: float = 100.0, patience: int = 3) -> Finding | None:
    """Moves left out since their gradient was not finite, or norms `patience` times above `factor` x their median.

    Paper: Pascanu et al. 2013, On the Difficulty of Training Recurrent Neural Networks (exploding gradients)

    The median is that of the values before, at least ten and the last 200. `skipped` counts all moves that were left
    out so far.
    """
    values = gradient.values
    lately = skipped.values[-1] - (skipped.values[-2] if len(skipped.values) > 1 else 0)
    if lately > 0:
        return Finding(
            f"{lately:.0f} moves were left out since their gradient was not finite",
            int(skipped.steps[-2]) if len(skipped.steps) > 1 else 0,
            {"left_out": float(lately), "in_all": float(skipped.values[-1])},
            "NaN or infinity in the data, a learning rate that is too high, or a loss beyond its precision",
            "look for NaN in the data; lower the learning rate, raise the penalty's weight, or take "
            "--run.precision float32",
        )
    before, now = values[-patience - _WINDOW : -patience], values[-patience:]
    before = before[np.isfinite(before) & (before > 0)]
    if len(before) < 10 or not (now > factor * np.median(before)).all():
        return None
    return Finding(
        f"a gradient's norm has grown from about {np.median(before):.3g} to {values[-1]:.3g}",
        int(gradient.steps[-patience]),
        {"gradient": float(values[-1]), "median_before": float(np.median(before))},
        "the players drive each other to ever larger weights",
        "lower the learning rate, add or raise a gradient penalty, or clip gradients (--run.clip)",
    )


_WINDOW = 200
