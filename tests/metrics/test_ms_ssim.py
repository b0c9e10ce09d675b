import numpy as np
import pytest
from scipy.signal import convolve2d

from saddlepoint.errors import BadData, Unfit
from saddlepoint.metrics.ms_ssim import ms_ssim, similarity

WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])


def by_definition(one, two):
    """Of two planes (H, W), one window at a time, as the paper writes it."""
    line = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line) / line.sum() ** 2
    scales = [weight for i, weight in enumerate(WEIGHTS) if min(one.shape) // 2**i >= 11]
    found = 1.0
    for scale, weight in enumerate(scales):
        if scale:
            one, two = (convolve2d(x, np.full((2, 2), 0.25), "valid")[::2, ::2] for x in (one, two))
        means = [convolve2d(x, window, "valid") for x in (one, two)]
        variances = [convolve2d(x**2, window, "valid") - mean**2 for x, mean in zip((one, two), means, strict=True)]
        covariance = convolve2d(one * two, window, "valid") - means[0] * means[1]
        part = (2 * covariance + 9e-4) / (variances[0] + variances[1] + 9e-4)
        if scale == len(scales) - 1:
            part *= (2 * means[0] * means[1] + 1e-4) / (means[0] ** 2 + means[1] ** 2 + 1e-4)
        found *= max(part.mean(), 0) ** (weight / sum(scales))
    return found


@pytest.mark.parametrize("shape", [(11, 11), (28, 28), (23, 40), (45, 61), (176, 176)])
def test_it_is_the_definition(shape):
    rng = np.random.default_rng(0)
    one = rng.random((2, 3, *shape))
    two = 0.7 * one + 0.3 * rng.random((2, 3, *shape))
    expected = [
        np.mean([by_definition(x, y) for x, y in zip(*pair, strict=True)]) for pair in zip(one, two, strict=True)
    ]
    assert similarity(one, two) == pytest.approx(expected, rel=1e-9)


def test_it_falls_with_variety():
    rng = np.random.default_rng(0)
    base = rng.random((1, 1, 28, 28))
    near = 0.9 * base + 0.1 * rng.random((60, 1, 28, 28))
    far = 0.5 * base + 0.5 * rng.random((60, 1, 28, 28))
    same = ms_ssim(np.repeat(base, 5, axis=0))
    assert same == pytest.approx(1)
    assert same > ms_ssim(near) > ms_ssim(far) > 0
    assert ms_ssim(far[::-1]) == pytest.approx(float(ms_ssim(far)), rel=0.05)
    assert ms_ssim(np.array([np.zeros((1, 12, 12)), np.ones((1, 12, 12))])) < 0.001


def test_all_pairs_are_taken_where_they_are_few():
    x = np.random.default_rng(0).random((6, 1, 12, 12))
    every = [similarity(x[[i]], x[[j]])[0] for j in range(6) for i in range(j)]
    assert ms_ssim(x) == pytest.approx(np.mean(every))
    assert ms_ssim(x, pairs=15, seed=3) == pytest.approx(np.mean(every))
    assert ms_ssim(x[:2]).low is None


@pytest.mark.parametrize(("count", "pairs"), [(30, 300), (200, 60)])
def test_its_error_is_that_of_drawing_images_again(count, pairs):
    rng = np.random.default_rng(0)
    base = rng.random((1, 1, 12, 12))

    def images():
        return 0.5 * base + 0.5 * rng.random((count, 1, 12, 12)) * rng.random((count, 1, 1, 1))

    found = [ms_ssim(images(), pairs=pairs) for _ in range(60)]
    assert np.mean([(one.high - one.low) / 3.92 for one in found]) == pytest.approx(np.std(found), rel=0.35)


def test_what_it_cannot_judge_is_refused():
    with pytest.raises(Unfit, match="sides of at least 11 pixels, got 8 by 40"):
        ms_ssim(np.zeros((5, 1, 8, 40)))
    with pytest.raises(Unfit, match="at least 2 samples in images, got 1"):
        ms_ssim(np.zeros((1, 1, 20, 20)))
    with pytest.raises(BadData, match=r"numbers in \[0, 1\], got -1 to 0; rescale"):
        ms_ssim(np.stack([np.zeros((1, 20, 20)), -np.ones((1, 20, 20))]))
    with pytest.raises(BadData, match=r"got uint8 of shape \(2, 1, 20, 20\)"):
        ms_ssim(np.zeros((2, 1, 20, 20), np.uint8))
    with pytest.raises(BadData, match="NaN or infinity in 2 of 2"):
        ms_ssim(np.full((2, 1, 20, 20), np.nan))
