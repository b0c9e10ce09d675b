"""How sharp images are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate


def sharpness(fake_images: NDArray[np.floating]) -> Estimate:
    """The mean absolute Laplacian of images (N, C, H, W), in their units: low where they are blurred.

    Paper: Pech-Pacheco et al. 2000, Diatom Autofocusing in Brightfield Microscopy (by its variance)

    Each pixel's four neighbours against four times itself, within the image. Sides of at least 3 are wanted; an image
    without an inner pixel has sharpness 0.

    >>> float(sharpness(np.eye(3)[None, None]))
    4.0
    """
    x = np.asarray(fake_images, np.float64)
    inner = x[..., 1:-1, 1:-1]
    if not inner.size:
        return Estimate(0.0)
    around = x[..., :-2, 1:-1] + x[..., 2:, 1:-1] + x[..., 1:-1, :-2] + x[..., 1:-1, 2:]
    return Estimate.mean(np.abs(around - 4 * inner).mean(axis=(1, 2, 3)))
