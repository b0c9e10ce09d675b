"""How many decibels the truth is above the error of answers."""

from __future__ import annotations

import numpy as np

from saddlepoint.metric import Estimate
from saddlepoint.metrics._answers import images, pairs
from saddlepoint.metrics._estimate import Array

_MOST = 100.0


def psnr(truth: Array, answer: Array) -> Estimate:
    """The mean peak signal-to-noise ratio, -10 log10 of the squared error, of images (N, C, H, W) in [0, 1]; in dB.

    Paper: Dong et al. 2016, Image Super-Resolution Using Deep Convolutional Networks, section 4

    Of each image by itself, and then averaged; one without error counts 100 dB. High is near. Raises BadData for two
    shapes and for numbers outside [0, 1].

    >>> float(psnr(np.zeros((1, 1, 2, 2)), np.full((1, 1, 2, 2), 0.1)))
    20.0
    """
    truth, answer = pairs("psnr", images("psnr", truth), images("psnr", answer))
    error = np.square(answer - truth).reshape(len(truth), -1).mean(axis=1)
    return Estimate.mean(-10 * np.log10(np.maximum(error, 10 ** (-_MOST / 10))))
