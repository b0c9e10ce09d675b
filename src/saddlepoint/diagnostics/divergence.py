"""Gradients that are not finite, or that explode, or weights that do."""

from __future__ import annotations

import numpy as np

from saddlepoint.history import Finding, Series


def divergence(
    gradient: Series, skipped: Series, weight: Series, *, factor: float = 100.0, growth: float = 3.0, patience: int = 3
) -> Finding | None:
    """Moves left out since their gradient was not finite, exploding gradients, or exploding weights.

    Paper: Pascanu et al. 2013, On the Difficulty of Training Recurrent Neural Networks (exploding gradients)

    Gradients explode when their norm is `patience` times above `factor` x the median of those before, at least ten and
    the last 200; weights when their norm grows by `growth` within 250 steps, twice that from the start, where weights
    are small and Adam's moves are not. `skipped` counts all moves that were left out so far; a few of many are nothing
    to go back for.
    """
    values = gradient.values
    left_out = skipped.values[-1] - (skipped.values[-2] if len(skipped.values) > 1 else 0)
    if left_out > 0:
        return Finding(
            f"moves left out since their gradient was not finite: {left_out:.0f}",
            int(skipped.steps[-2]) if len(skipped.steps) > 1 else 0,
            {"left_out": float(left_out), "in_all": float(skipped.values[-1])},
            "NaN or infinity in the data, a learning rate that is too high, or a loss beyond its precision",
            "look for NaN in the data; lower the learning rate, raise the penalty's weight, or take "
            "--run.precision float32",
            curable=bool(left_out > np.diff(skipped.steps[-2:], prepend=0)[-1] / 2),
        )
    if exploded := _exploded(weight, growth):
        return exploded
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


def _exploded(weight: Series, growth: float) -> Finding | None:
    lately = weight.steps >= weight.steps[-1] - _LATELY
    earlier = weight.values[lately][0]
    limit = (2 if lately[0] else 1) * growth * earlier
    if not weight.last > limit > 0:
        return None
    return Finding(
        f"the norm of the weights has grown from {earlier:.3g} to {weight.last:.3g}",
        int(weight.steps[lately][np.argmax(weight.values[lately] > limit)]),
        {"weight": weight.last, "before": float(earlier)},
        "the learning rate is too high: each move overshoots what it aims at",
        "lower this player's learning rate (--optimizer.PLAYER.lr)",
    )


# Values that are looked back over for gradients, and steps for weights.
_WINDOW, _LATELY = 200, 250
