"""How far one discrete distribution is from another, in nats.

JS is a divergence and no distance: it breaks the triangle inequality, and its square root is the metric. It is zero
only where both distributions are equal, so a discriminator at its optimum sees every moment; modes are lost because
discriminators are not at their optimum, because the players alternate, and because JS is flat where supports are
disjoint (`of_two_points`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from saddlepoint.errors import BadOption

Array = NDArray[np.float64]


def probabilities(p: ArrayLike) -> Array:
    """`p` as float64; raises `BadOption` unless it is non-negative and sums to 1."""
    checked = np.asarray(p, np.float64)
    if checked.size == 0 or not (checked >= 0).all() or abs(checked.sum() - 1) > 1e-9:
        least = checked.min() if checked.size else "nothing"
        raise BadOption(
            f"wanted probabilities, at least 0 and with sum 1, got least {least} and sum {checked.sum()}; "
            "divide counts by their sum"
        )
    return checked


def entropy(p: ArrayLike) -> float:
    """H(p) = -sum p log p, with 0 log 0 = 0."""
    return cross_entropy(p, p)


def cross_entropy(p: ArrayLike, q: ArrayLike) -> float:
    """H(p, q) = -sum p log q, with 0 log 0 = 0; infinite where p has mass and q has none."""
    p, q = _pair(p, q)
    held = p > 0
    return float("inf") if (q[held] == 0).any() else float(-(p[held] * np.log(q[held])).sum())


def kl(p: ArrayLike, q: ArrayLike) -> float:
    """KL(p || q) = sum p log(p / q), with 0 log 0 = 0; infinite where p has mass and q has none.

    Paper: Kullback & Leibler 1951, On Information and Sufficiency, section 2
    """
    p, q = _pair(p, q)
    held = p > 0
    return float("inf") if (q[held] == 0).any() else float((p[held] * np.log(p[held] / q[held])).sum())


def js(p: ArrayLike, q: ArrayLike) -> float:
    """JS(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2: from 0 to log 2.

    Paper: Lin 1991, Divergence Measures Based on the Shannon Entropy, equation 4.1

    >>> round(js([0.5, 0.5, 0, 0], [0, 0.5, 0.25, 0.25]), 6)
    0.346574
    """
    p, q = _pair(p, q)
    middle = (p + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def total_variation(p: ArrayLike, q: ArrayLike) -> float:
    """TV(p, q) = sum |p - q| / 2: from 0 to 1, the most that an event's probabilities differ."""
    p, q = _pair(p, q)
    return float(np.abs(p - q).sum() / 2)


def w1(places: ArrayLike, p: ArrayLike, q: ArrayLike) -> float:
    """Wasserstein-1 distance of masses p and q (N,) at `places` (N,) on a line, in the units of the places."""
    from scipy.stats import wasserstein_distance

    p, q = _pair(p, q)
    return float(wasserstein_distance(np.asarray(places, np.float64), places, p, q))


class TwoPoints(NamedTuple):
    """What `of_two_points` finds: nats, nats, a share, and the units of the distance."""

    kl: float
    js: float
    total_variation: float
    w1: float


def of_two_points(distance: float) -> TwoPoints:
    """How far a unit mass at 0 is from one at `distance`: all but W1 say only whether they touch.

    Paper: Arjovsky, Chintala & Bottou 2017, Wasserstein GAN, example 1

    KL is infinite, JS log 2 and TV 1 wherever the distance is not 0, and their slope there is 0: nothing to descend.

    >>> of_two_points(-3.0)
    TwoPoints(kl=inf, js=0.6931471805599453, total_variation=1.0, w1=3.0)
    """
    places, p, q = ([0.0], [1.0], [1.0]) if distance == 0 else ([0.0, distance], [1.0, 0.0], [0.0, 1.0])
    return TwoPoints(kl(p, q), js(p, q), total_variation(p, q), w1(places, p, q))


def _pair(p: ArrayLike, q: ArrayLike) -> tuple[Array, Array]:
    first, second = probabilities(p), probabilities(q)
    if first.shape != second.shape:
        raise BadOption(f"wanted two distributions over the same outcomes, got shapes {first.shape} and {second.shape}")
    return first, second
