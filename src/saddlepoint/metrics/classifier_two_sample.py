"""Whether a classifier can tell fake samples from real ones."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array
from saddlepoint.metrics._inputs import features

Judge = Callable[[Array], Array]

_ROWS = 2048


class ClassifierTwoSample(NamedTuple):
    """The share of held-out samples that are told apart: 1/2 where real and fake are alike, 1 where they never are.

    `z` is by how many standard deviations it is above what guessing gets: beyond 1.64 by chance in one of twenty.
    """

    accuracy: Estimate
    z: float


def classifier_two_sample(real: Array, fake: Array, *, seed: int = 0) -> ClassifierTwoSample:
    """The accuracy of a classifier of real (N, F) against fake (M, F), trained on half of each, on the other halves.

    Paper: Lopez-Paz & Oquab 2017, Revisiting Classifier Two-Sample Tests, section 3

    As many of each side as the smaller one has. The classifier is the mean of two, which see different things: boosted
    trees any shape in few features, logistic regression of features and squares what many features share; neither
    has a step size that would have to fit the data. Raises Unfit for fewer than 4 samples on a side, BadData unless
    they are finite.
    """
    real, fake = features("classifier_two_sample", 4, real=real, fake=fake)
    rng, count = np.random.default_rng(seed), min(len(real), len(fake))
    half = count // 2
    one, two = (rng.permutation(len(side))[:count] for side in (real, fake))
    seen = np.concatenate([real[one[:half]], fake[two[:half]]])
    is_real = np.arange(len(seen)) < half
    judges = _trees(seen, is_real, seed), _regression(seen, is_real)
    correct = np.concatenate([_told_real(judges, real, one[half:]), ~_told_real(judges, fake, two[half:])])
    accuracy = Estimate.share(correct)
    return ClassifierTwoSample(accuracy, z_of(accuracy, len(correct)))


def z_of(accuracy: float, count: int) -> float:
    """Standard deviations of an accuracy on `count` samples above that of guessing.

    >>> round(z_of(0.55, 1000), 4)
    3.1623
    """
    return (accuracy - 0.5) * 2 * sqrt(count)


def _told_real(judges: Sequence[Judge], x: Array, held: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which of the samples `held` of `x` the judges' mean probability takes for real."""
    found = [np.mean([judge(part) for judge in judges], axis=0) > 0.5 for part in _parts(x, held)]
    return np.concatenate(found)


def _trees(seen: Array, is_real: NDArray[np.bool_], seed: int) -> Judge:
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(max_leaf_nodes=8, early_stopping=False, random_state=seed)
    trees.fit(seen, is_real)
    return lambda x: trees.predict_proba(x)[:, 1]


def _regression(seen: Array, is_real: NDArray[np.bool_]) -> Judge:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    wide = _with_squares(seen)
    line = LogisticRegression(C=0.01, max_iter=50, tol=1e-3)
    with warnings.catch_warnings():
        # A few steps short of the optimum it tells as many apart.
        warnings.simplefilter("ignore", ConvergenceWarning)
        line.fit(np.concatenate([wide(part) for part in _parts(seen)]), is_real)
    return lambda x: line.predict_proba(wide(x))[:, 1]


def _with_squares(seen: Array) -> Judge:
    """Makes of samples (N, F) their features and the squares of these (N, 2 F), both scaled by `seen`."""
    mean = seen.mean(axis=0, dtype=np.float64)
    std = _filled(sum(np.square(part - mean).sum(axis=0) for part in _parts(seen)) / len(seen), 1e-20 * mean**2)
    fourth = sum((((part - mean) / std) ** 4).sum(axis=0) for part in _parts(seen)) / len(seen)
    spread = _filled(fourth - 1, 1e-12)

    def wide(x: Array) -> Array:
        scaled = (x - mean) / std
        return np.concatenate([scaled, (np.square(scaled) - 1) / spread], axis=1).astype(np.float32)

    return wide


def _filled(variance: Array, least: Array | float) -> Array:
    """Deviations, 1 where there is none but rounding."""
    return np.where(variance > least, np.sqrt(variance.clip(0)), 1.0)


def _parts(x: Array, order: NDArray[np.integer] | None = None) -> Iterator[Array]:
    """Rows of `x`, all or those of `order`, some at a time: what is made of them takes many times their memory."""
    for start in range(0, len(x) if order is None else len(order), _ROWS):
        yield x[start : start + _ROWS] if order is None else x[order[start : start + _ROWS]]
