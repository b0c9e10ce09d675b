"""Answers beside the truth: closed forms, and what is refused."""

import numpy as np
import pytest

from saddlepoint.errors import BadData, Unfit
from saddlepoint.metrics.l1 import l1
from saddlepoint.metrics.ms_ssim import similarity
from saddlepoint.metrics.psnr import psnr
from saddlepoint.metrics.ssim import ssim

RANDOM = np.random.default_rng(0)
X = RANDOM.random((6, 3, 16, 18))
METRICS = [l1, psnr, ssim]


def test_no_error_is_the_best_there_is():
    assert float(l1(X, X)) == 0
    assert float(psnr(X, X)) == 100
    assert float(ssim(X, X)) == pytest.approx(1, abs=1e-12)


def test_errors_of_each_sample_are_averaged():
    answer = X.copy()
    answer[0] = np.where(X[0] > 0.5, X[0] - 0.1, X[0] + 0.1)
    assert float(l1(X, answer)) == pytest.approx(0.1 / 6)
    assert float(psnr(X, answer)) == pytest.approx((20 + 5 * 100) / 6)
    assert l1(X, answer).low < float(l1(X, answer)) < l1(X, answer).high


def test_constant_images_are_alike_as_their_means_are():
    a, b = 0.2, 0.6
    expected = (2 * a * b + 1e-4) / (a * a + b * b + 1e-4)
    assert float(ssim(np.full((2, 1, 12, 12), a), np.full((2, 1, 12, 12), b))) == pytest.approx(expected)


def test_one_scale_of_a_small_image_is_the_multi_scale_one():
    answer = np.clip(X + 0.05 * RANDOM.standard_normal(X.shape), 0, 1)
    assert float(ssim(X, answer)) == pytest.approx(float(similarity(X, answer).mean()))


def test_blocks_make_no_difference(monkeypatch):
    import sys

    answer = np.clip(X + 0.1, 0, 1)
    whole = float(ssim(X, answer))
    monkeypatch.setattr(sys.modules["saddlepoint.metrics.ssim"], "_BLOCK", 1)
    assert float(ssim(X, answer)) == pytest.approx(whole)


@pytest.mark.parametrize("metric", METRICS)
def test_other_shapes_and_what_is_not_finite_are_refused(metric):
    name = metric.__name__
    with pytest.raises(BadData, match=f"{name} wants an answer to each question, got"):
        metric(X, X[:3])
    broken = X.copy()
    broken[2, 0, 0, 0] = np.nan
    with pytest.raises(BadData, match=f"{name} wants finite numbers, got NaN or infinity in 1 of 6 samples of answer"):
        metric(X, broken)
    with pytest.raises(Unfit, match="at least 1"):
        metric(X[:0], X[:0])


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_images_are_numbers_from_0_to_1(metric):
    with pytest.raises(BadData, match=r"wants numbers in \[0, 1\], got -1 to 1; rescale them"):
        metric(X, np.where(X > 0.5, 1.0, -1.0))
    with pytest.raises(BadData, match=r"wants images \(N, C, H, W\) of floats"):
        metric(X.reshape(6, -1), X.reshape(6, -1))


def test_small_sides_have_no_structure():
    with pytest.raises(Unfit, match="ssim wants sides of at least 11 pixels, got 8 by 9"):
        ssim(X[..., :8, :9], X[..., :8, :9])
