"""Gradients that are not finite, or that explode."""

from __future__ import annotations

import numpy as np

from saddlepoint.history import Finding, Series


def divergence(gradient: Series, *, factor: float = 100.0, patience: int = 3) -> Finding | None:
    """A gradient's norm that is not finite, or `patience` times in a row above `factor` times its median before.

    Paper: Pascanu et al. 2013, On the Difficulty of Training Recurrent Neural Networks (exploding gradients)

    The median is that of at least ten earlier values. A step without a finite gradient moves nothing.
    """
    values, step = gradient.values, int(gradient.steps[-1])
    if not np.isfinite(values[-1]):
        return Finding(
            "a gradient was not finite, and its step was left out",
            step,
            {"not_finite": int((~np.isfinite(values)).sum()), "logged": len(values)},
            "NaN or infinity in the data, a learning rate that is too high, or a loss beyond its precision",
            "look for NaN in the data; lower the learning rate, raise the penalty's weight, or take "
            "--run.precision float32",
        )
    before, now = values[:-patience], values[-patience:]
    before = before[np.isfinite(before)]
    if len(before) < 10 or not (now > factor * np.median(before)).all():
        return None
    return Finding(
        f"a gradient's norm has grown from about {np.median(before):.3g} to {values[-1]:.3g}",
        int(gradient.steps[-patience]),
        {"gradient": float(values[-1]), "median_before": float(np.median(before))},
        "the players drive each other to ever larger weights",
        "lower the learning rate, add or raise a gradient penalty, or clip gradients (--run.clip)",
    )
