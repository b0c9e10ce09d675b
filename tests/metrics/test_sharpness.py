import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, laplace

from saddlepoint.metrics.sharpness import sharpness


def test_it_is_the_mean_absolute_laplacian():
    images = np.random.default_rng(0).random((5, 3, 12, 9))
    expected = np.mean([np.abs(laplace(plane)[1:-1, 1:-1]).mean() for image in images for plane in image])
    assert sharpness(images) == pytest.approx(expected)


def test_blur_lowers_it_and_a_ramp_has_none():
    images = np.random.default_rng(0).random((4, 1, 32, 32))
    blurred = gaussian_filter(images, (0, 0, 1.0, 1.0))
    assert sharpness(blurred) < 0.3 * sharpness(images)
    ramp = np.arange(8.0)[None, None, :, None] + np.arange(8.0)
    assert sharpness(ramp) == pytest.approx(0)


def test_an_image_without_inner_pixels_has_none():
    assert sharpness(np.ones((3, 1, 2, 9))) == 0
