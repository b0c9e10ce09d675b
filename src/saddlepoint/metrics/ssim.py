"""How alike answers and the truth are in structure."""

from __future__ import annotations

import numpy as np

from saddlepoint.errors import Unfit
from saddlepoint.metric import Estimate
from saddlepoint.metrics._answers import images, pairs
from saddlepoint.metrics._estimate import Array

# Under their own names: another would be another version of that metric.
from saddlepoint.metrics.ms_ssim import _REACH, _compared

# Numbers in a block of images: 16 MiB of float64.
_BLOCK = 2**21


def ssim(truth: Array, answer: Array) -> Estimate:
    """The mean structural similarity of images (N, C, H, W) in [0, 1] to those of the same questions; 1 is the same.

    Paper: Wang et al. 2004, Image Quality Assessment: From Error Visibility to Structural Similarity, equation 13

    By a Gaussian window of 11 pixels (deviation 1.5) where it lies within the image, averaged over places and channels.
    Raises Unfit for a side below 11, BadData for two shapes and for numbers outside [0, 1].
    """
    truth, answer = pairs("ssim", images("ssim", truth), images("ssim", answer))
    if min(truth.shape[-2:]) < 2 * _REACH + 1:
        raise Unfit(f"ssim wants sides of at least 11 pixels, got {truth.shape[-2]} by {truth.shape[-1]}")
    size = max(1, _BLOCK // truth[0].size)
    parts = [slice(start, start + size) for start in range(0, len(truth), size)]
    return Estimate.mean(np.concatenate([_similarity(truth[part], answer[part]) for part in parts]))


def _similarity(one: Array, two: Array) -> Array:
    light, structure = _compared(one, two)
    return (light * structure).mean(axis=(1, 2, 3))
