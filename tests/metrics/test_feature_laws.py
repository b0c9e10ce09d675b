"""What every metric of real and fake features keeps."""

from functools import partial

import numpy as np
import pytest

from saddlepoint.errors import BadData, Unfit
from saddlepoint.metrics.classifier_two_sample import classifier_two_sample
from saddlepoint.metrics.density_coverage import density_coverage
from saddlepoint.metrics.frechet import frechet
from saddlepoint.metrics.kernel import kernel, kernel_by_subsets
from saddlepoint.metrics.memorisation import memorisation
from saddlepoint.metrics.ndb import ndb
from saddlepoint.metrics.nearest_neighbour_two_sample import nearest_neighbour_two_sample
from saddlepoint.metrics.precision_recall import precision_recall
from saddlepoint.metrics.sliced_wasserstein import sliced_wasserstein
from saddlepoint.metrics.wasserstein import wasserstein


def against_fresh(real, fake):
    held_out = np.random.default_rng(9).normal(size=(60, np.asarray(real).shape[-1]))
    return memorisation(real, fake, held_out)


METRICS = {
    "frechet": frechet,
    "kernel": kernel,
    "kernel_by_subsets": partial(kernel_by_subsets, subsets=20, size=50),
    "precision_recall": precision_recall,
    "density_coverage": density_coverage,
    "classifier_two_sample": classifier_two_sample,
    "nearest_neighbour_two_sample": nearest_neighbour_two_sample,
    "wasserstein": wasserstein,
    "sliced_wasserstein": partial(sliced_wasserstein, directions=16),
    "ndb": partial(ndb, bins=8),
    "memorisation": against_fresh,
}
# What a seed draws from them depends on their order.
DRAWN = {"kernel_by_subsets", "classifier_two_sample", "ndb"}
#: What the fakes are called, where another name.
SIDE = {"memorisation": "suspects"}
LEAST = {"precision_recall": 4, "density_coverage": 6, "kernel_by_subsets": 50, "classifier_two_sample": 4, "ndb": 8}
LEAST["memorisation"] = 10


def samples():
    rng = np.random.default_rng(0)
    return rng.normal(size=(90, 5)).astype(np.float32), (0.9 * rng.normal(size=(90, 5)) + 0.3).astype(np.float32)


def numbers(found):
    return np.array(found, dtype=float).ravel()


@pytest.fixture(params=METRICS)
def name(request):
    return request.param


def test_order_does_not_matter_and_nothing_is_changed(name):
    real, fake = samples()
    for side in (real, fake):
        side.flags.writeable = False
    found = numbers(METRICS[name](real, fake))
    assert np.array_equal(numbers(METRICS[name](real, fake)), found), "a function of its arguments"
    if name not in DRAWN:
        order = np.random.default_rng(1).permutation(90)
        assert numbers(METRICS[name](real[order], fake[order[::-1]])) == pytest.approx(found, rel=1e-9, abs=1e-9)


def test_one_array_may_be_both_sides(name):
    real, _ = samples()
    found = numbers(METRICS[name](real, real))
    assert numbers(METRICS[name](real, real.copy())) == pytest.approx(found, abs=1e-12)


def test_a_number_s_type_does_not_matter(name):
    real, fake = (np.round(4 * x) for x in samples())
    found = numbers(METRICS[name](real, fake))
    for kind in (np.float64, np.float16, np.int8):
        assert numbers(METRICS[name](real.astype(kind), fake.astype(kind))) == pytest.approx(found, rel=1e-5, abs=1e-9)
    assert numbers(METRICS[name](np.asfortranarray(real), fake[:, ::-1][:, ::-1])) == pytest.approx(found, rel=1e-9)


def test_one_feature_is_enough(name):
    real, fake = (x[:, :1] for x in samples())
    assert np.isfinite(numbers(METRICS[name](real, fake))).all()


def test_collapsed_fakes_are_judged(name):
    real, fake = samples()
    assert np.isfinite(numbers(METRICS[name](real, np.repeat(fake[:1], 90, axis=0)))).all()


def test_intervals_hold_the_value(name):
    found = METRICS[name](*samples())
    for one in found if isinstance(found, tuple) else (found,):
        if getattr(one, "low", None) is not None:
            assert one.low <= one <= one.high


def test_too_few_samples_are_refused_with_the_number_wanted(name):
    real, fake = samples()
    least, side = LEAST.get(name, 2), SIDE.get(name, "fake")
    with pytest.raises(Unfit, match=f"wants at least {least} samples on each side, got {least - 1} {side}; take more"):
        METRICS[name](real, fake[: least - 1])
    with pytest.raises(Unfit, match=f"at least {least} samples on each side, got 0 "):
        METRICS[name](real[:0], fake)


def test_what_is_not_finite_is_refused(name):
    real, fake = samples()
    bad = fake.copy()
    bad[7, 0], bad[50] = np.nan, np.inf
    with pytest.raises(
        BadData, match=f"in 2 of 90 samples of {SIDE.get(name, 'fake')}, the first at 7; mend or drop them"
    ):
        METRICS[name](real, bad)


def test_other_features_are_refused(name):
    real, fake = samples()
    with pytest.raises(BadData, match=r"the same features on each side, got 5 in \w+, 4 in \w+"):
        METRICS[name](real, fake[:, :4])
    with pytest.raises(BadData, match=r"one row of features a sample, got \w+ of shape \(90, 5, 1\); reshape it"):
        METRICS[name](real, fake[:, :, None])
