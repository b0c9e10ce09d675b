"""How many bins of the data hold too many fakes or too few."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from saddlepoint.limits import at_least
from saddlepoint.metric import Estimate
from saddlepoint.metrics._estimate import Array, standard_error, with_error
from saddlepoint.metrics._inputs import features
from saddlepoint.metrics._neighbours import nearest


class NDB(NamedTuple):
    """The share of bins that are `different`, about 0.05 for equal distributions, and the shares' JS `divergence`."""

    different: Estimate
    divergence: Estimate


def ndb(real: Array, fake: Array, *, bins: int = 100, seed: int = 0) -> NDB:
    """Compares how real (N, F) and fake samples (M, F) fill `bins`, found by k-means on the real ones.

    Paper: Richardson & Weiss 2018, On GANs and GMMs, section 2

    A bin is different when its two shares are, by a two-sided z-test at 5 %. The Jensen-Shannon divergence is in nats,
    from 0 to log 2, and about bins (1 / N + 1 / M) / 8 for equal distributions. Raises Unfit for fewer than `bins`
    samples on a side, BadData unless they are finite.
    """
    at_least(2, "ndb", bins=bins)
    real, fake = features("ndb", bins, real=real, fake=fake)
    centres = _centres(real, bins, seed)
    codes = [nearest(x, centres).indices[:, 0] for x in (real, fake)]
    p, q = (np.bincount(code, minlength=len(centres)) / len(code) for code in codes)
    divergence, slope = _divergence(p, q)
    different = _different(p, q, len(real), len(fake))
    return NDB(Estimate.share(different), with_error(divergence, standard_error(slope[codes[1]])))


def _centres(real: Array, bins: int, seed: int) -> Array:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # The many small products of the seeding take ten times as long when their threads wait for a busy machine.
    with warnings.catch_warnings(), threadpool_limits(1, "blas"):
        # Fewer distinct samples than bins: there are so many bins only.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Not to the end: any bins will do.
        found: Array = KMeans(bins, n_init=1, max_iter=30, random_state=seed).fit(real).cluster_centers_
    # Of two bins at one place nobody knows which takes a sample.
    return np.unique(found, axis=0)


def _different(p: Array, q: Array, n: int, m: int) -> NDArray[np.bool_]:
    from scipy.stats import norm

    pooled = (n * p + m * q) / (n + m)
    deviation = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return abs(p - q) > norm.ppf(0.975) * deviation


def _divergence(p: Array, q: Array) -> tuple[float, Array]:
    """JS(p, q) in nats and its derivative by each share of `q`."""
    from scipy.special import rel_entr

    middle = (p + q) / 2
    value = (rel_entr(p, middle) + rel_entr(q, middle)).sum() / 2
    slope = np.log(np.divide(q, middle, out=np.ones_like(q), where=q > 0)) / 2
    return float(value), slope
