"""What metrics ask of answers beside the truth."""

from __future__ import annotations

import numpy as np

from saddlepoint.errors import BadData
from saddlepoint.metrics._estimate import Array
from saddlepoint.metrics._inputs import enough, finite


def images(metric: str, x: Array) -> Array:
    """Images (N, C, H, W) of floats in [0, 1], or not finite, as they came; raises BadData for anything else."""
    x = np.asarray(x)
    if x.ndim != 4 or x.dtype.kind != "f":
        raise BadData(f"{metric} wants images (N, C, H, W) of floats, got {x.dtype} of shape {x.shape}; reshape them")
    if x.size and (x.min() < 0 or x.max() > 1):
        raise BadData(f"{metric} wants numbers in [0, 1], got {x.min():.4g} to {x.max():.4g}; rescale them")
    return x


def pairs(metric: str, truth: Array, answer: Array) -> tuple[Array, Array]:
    """Two sides (N, ...) of one shape in double precision; raises BadData for two shapes, Unfit for no pair."""
    truth, answer = np.asarray(truth, np.float64), np.asarray(answer, np.float64)
    if truth.shape != answer.shape:
        raise BadData(f"{metric} wants an answer to each question, got {answer.shape} beside {truth.shape} of truth")
    enough(metric, 1, pairs=len(truth))
    finite(metric, "truth", truth)
    finite(metric, "answer", answer)
    return truth, answer
