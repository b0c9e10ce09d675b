"""How alike the images of a set are."""

from __future__ import annotations

from math import floor, sqrt

import numpy as np
from numpy.typing import NDArray

from saddlepoint.errors import BadData, Unfit
from saddlepoint.limits import at_least
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array, with_error
from saddlepoint.metrics._inputs import enough, finite

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_REACH, _SIGMA = 5, 1.5
_STABLE = 0.01**2, 0.03**2
# Numbers in a block of images: 16 MiB of float64.
_BLOCK = 2**21


def ms_ssim(fake_images: Array, *, pairs: int = 1000, seed: int = 0) -> Estimate:
    """The mean multi-scale structural similarity of random pairs of images (N, C, H, W) in [0, 1]; high is alike.

    Paper: Odena et al. 2017, Conditional Image Synthesis with Auxiliary Classifier GANs, section 4.2; Wang et al. 2003,
    Multiscale structural similarity for image quality assessment, section 3

    From 0 to 1, which is one image over and over. Of the five scales those at which the smaller side still holds the
    window of 11 pixels, all from 176 on; fewer scales read differently, so compare only images of one size, and real
    images beside them. Different pairs, all if there are no more than `pairs`; the error knows that pairs share images.
    Raises Unfit for fewer than 2 images or a side below 11, BadData for numbers that are not in [0, 1].
    """
    at_least(1, "ms_ssim", pairs=pairs)
    x = _checked(fake_images)
    one, two = _drawn(len(x), pairs, seed)
    size = max(1, _BLOCK // x[0].size)
    parts = [slice(start, start + size) for start in range(0, len(one), size)]
    return _mean(np.concatenate([similarity(x[one[part]], x[two[part]]) for part in parts]), one, two)


def similarity(one: Array, two: Array) -> Array:
    """The multi-scale structural similarity (N,) of images (N, C, H, W) in [0, 1], the mean over their channels."""
    one, two = np.asarray(one, np.float64), np.asarray(two, np.float64)
    scales = min(len(_WEIGHTS), 1 + floor(np.log2(min(one.shape[-2:]) / (2 * _REACH + 1))))
    weights = np.array(_WEIGHTS[:scales]) / sum(_WEIGHTS[:scales])
    found = np.ones(one.shape[:2])
    for scale, weight in enumerate(weights):
        if scale:
            one, two = _halved(one), _halved(two)
        light, structure = _compared(one, two)
        last = scale == scales - 1
        found *= ((light * structure if last else structure).mean(axis=(-2, -1))).clip(0) ** weight
    return found.mean(axis=1)


def _compared(one: Array, two: Array) -> tuple[Array, Array]:
    """Around each pixel (N, C, H - 10, W - 10): likeness of the means, and of contrast and structure."""
    mean1, mean2 = _blurred(one), _blurred(two)
    both, product = mean1**2 + mean2**2, mean1 * mean2
    covariance = _blurred(one * two) - product
    variances = _blurred(one**2 + two**2) - both
    light = (2 * product + _STABLE[0]) / (both + _STABLE[0])
    return light, (2 * covariance + _STABLE[1]) / (variances + _STABLE[1])


def _blurred(x: Array) -> Array:
    """Means under a Gaussian window, where it lies within the image."""
    from scipy.ndimage import correlate1d

    window = np.exp(-0.5 * (np.arange(-_REACH, _REACH + 1) / _SIGMA) ** 2)
    window /= window.sum()
    found: Array = correlate1d(correlate1d(x, window, axis=-1), window, axis=-2)
    return found[..., _REACH:-_REACH, _REACH:-_REACH]


def _halved(x: Array) -> Array:
    """Means of two by two pixels; an odd last row or column is left out."""
    height, width = (side // 2 * 2 for side in x.shape[-2:])
    x = x[..., :height, :width]
    return x.reshape(*x.shape[:-2], height // 2, 2, width // 2, 2).mean(axis=(-3, -1))


def _drawn(count: int, pairs: int, seed: int) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Different pairs, by their place in the list (0, 1), (0, 2), (1, 2), (0, 3) ..."""
    every = count * (count - 1) // 2
    place = np.random.default_rng(seed).choice(every, min(pairs, every), replace=False)
    two = ((1 + np.sqrt(1 + 8 * place)) // 2).astype(np.int64)
    return place - two * (two - 1) // 2, two


def _mean(values: Array, one: NDArray[np.integer], two: NDArray[np.integer]) -> Estimate:
    """With the covariance of pairs that share an image.

    Paper: Fafchamps & Gubert 2007, The formation of risk sharing networks, equation 2.5
    """
    gap = values - values.mean()
    by_image = np.bincount(one, gap, two.max() + 1) + np.bincount(two, gap, two.max() + 1)
    alone = np.square(gap).sum()
    together = max(np.square(by_image).sum() - alone, alone)
    return with_error(values.mean(), sqrt(together) / len(values) if len(values) > 1 else None)


def _checked(images: Array) -> Array:
    x = np.asarray(images)
    if x.ndim != 4 or x.dtype.kind != "f":
        raise BadData(f"ms_ssim wants images (N, C, H, W) of floats, got {x.dtype} of shape {x.shape}; reshape them")
    enough("ms_ssim", 2, images=len(x))
    finite("ms_ssim", "images", x)
    if min(x.shape[-2:]) < 2 * _REACH + 1:
        raise Unfit(f"ms_ssim wants sides of at least 11 pixels, got {x.shape[-2]} by {x.shape[-1]}")
    if x.min() < 0 or x.max() > 1:
        raise BadData(f"ms_ssim wants numbers in [0, 1], got {x.min():.4g} to {x.max():.4g}; rescale them")
    return x
