"""The distance between Gaussians fitted to real and fake features."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from saddlepoint.errors import BadData
from saddlepoint.metric import Estimate, FewSamples
from saddlepoint.metrics._estimate import Array, standard_error
from saddlepoint.metrics._inputs import features

# So many numbers of a side are in float64 at a time.
_AT_ONCE = 2**25
# From so many fakes the deviation of their influence is known within a few per cent.
_ENOUGH = 1000


@dataclass(frozen=True)
class _Full:
    """A Gaussian by its mean (F,) and its covariance S (F, F)."""

    mean: Array
    covariance: Array

    @property
    def size(self) -> int:
        """How many rows the root has."""
        return len(self.mean)

    @property
    def variance(self) -> float:
        """The trace of S."""
        return float(np.trace(self.covariance))

    def root(self) -> Array:
        """A (size, F) with A^T A = S."""
        import torch

        factor, failed = torch.linalg.cholesky_ex(torch.from_numpy(self.covariance), upper=True)
        if not failed:
            return factor.numpy()
        values, vectors = _eigen(self.covariance)
        return np.sqrt(values.clip(0))[:, None] * vectors.T

    def times(self, x: Array) -> Array:
        """x S for x (K, F)."""
        return x @ self.covariance

    def around(self, x: Array) -> Array:
        """x S x^T (K, K) for x (K, F)."""
        return self.times(x) @ x.T


@dataclass(frozen=True)
class _Few:
    """The same where samples (N, F), centred and over sqrt(N - 1), are a root of fewer rows, and no S is needed."""

    mean: Array
    samples: Array

    @property
    def size(self) -> int:
        return len(self.samples)

    @property
    def variance(self) -> float:
        return float(np.square(self.samples).sum())

    def root(self) -> Array:
        return self.samples

    def times(self, x: Array) -> Array:
        return (x @ self.samples.T) @ self.samples

    def around(self, x: Array) -> Array:
        half = x @ self.samples.T
        return half @ half.T


def frechet(real: Array, fake: Array) -> Estimate:
    """The squared Frechet distance of the Gaussians with the means and covariances of features (N, F) and (M, F).

    Paper: Heusel et al. 2017, GANs Trained by a Two Time-Scale Update Rule, equation 6; Dowson & Landau 1982

    |m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2)), from 0, in squared units of the features. It is the FID only if these
    are the Inception network's. The error is that of the fakes, by the influence of each. Warns with FewSamples when
    there are no more samples than features. Raises Unfit for fewer than 2 on a side, BadData unless they are finite.
    """
    real, fake = features("frechet", 2, real=real, fake=fake)
    few = min(len(real), len(fake))
    if few <= real.shape[1]:
        warnings.warn(
            f"frechet has no more samples ({few}) than features ({real.shape[1]}), which biases it far upwards; "
            "compare it only with values of as many samples",
            FewSamples,
            stacklevel=2,
        )
    pair = _Pair(_fitted(real), _fitted(fake), rank=min(few - 1, real.shape[1]))
    return Estimate.give_or_ask(pair.distance(), lambda: pair.error(fake))


def frechet_of(mean1: Array, covariance1: Array, mean2: Array, covariance2: Array) -> float:
    """The squared Frechet distance of two Gaussians with means (F,) and covariances (F, F).

    Paper: Dowson & Landau 1982, The Frechet distance between multivariate normal distributions, equation 4

    Raises BadData for a covariance that is not symmetric, or negative in some direction.

    >>> round(frechet_of(np.zeros(2), np.diag([1.0, 4.0]), np.array([1.0, 2.0]), np.diag([9.0, 1.0])), 9)
    10.0
    """
    one, two = _given(mean1, covariance1), _given(mean2, covariance2)
    if len(one.mean) != len(two.mean):
        raise BadData(f"frechet_of wants Gaussians of one size, got {len(one.mean)} and {len(two.mean)} dimensions")
    return _Pair(one, two, rank=len(one.mean)).distance()


def _fitted(x: Array) -> _Full | _Few:
    mean = x.mean(axis=0, dtype=np.float64)
    if len(x) <= x.shape[1]:
        return _Few(mean, (x - mean) / sqrt(len(x) - 1))
    covariance = np.zeros((x.shape[1], x.shape[1]))
    rows = max(_AT_ONCE // x.shape[1], 1)
    for start in range(0, len(x), rows):
        part = x[start : start + rows] - mean
        covariance += part.T @ part
    covariance /= len(x) - 1
    return _Full(mean, covariance)


def _given(mean: Array, covariance: Array) -> _Full:
    mean, covariance = np.array(mean, np.float64), np.array(covariance, np.float64)
    if mean.ndim != 1 or covariance.shape != (len(mean), len(mean)):
        raise BadData(f"frechet_of wants shapes (F,) and (F, F), got {mean.shape} and {covariance.shape}")
    values = _eigenvalues(covariance) if np.isfinite(covariance).all() else np.array([-np.inf])
    if not np.allclose(covariance, covariance.T) or values[0] < -1e-6 * abs(values[-1]):
        raise BadData("frechet_of wants symmetric covariances without negative eigenvalues, got one that is not")
    return _Full(mean, covariance)


class _Pair:
    """Two Gaussians, and A S A^T for A the smaller root of the two and S the other's covariance.

    It has the eigenvalues of S1 S2, of which no more than `rank` differ from 0.
    """

    def __init__(self, one: _Full | _Few, two: _Full | _Few, rank: int) -> None:
        self.one, self.two, self.rank = one, two, rank
        smaller, other = sorted((one, two), key=lambda side: side.size)
        self.root = smaller.root()
        self.product = other.around(self.root)

    def distance(self) -> float:
        apart = np.square(self.one.mean - self.two.mean).sum()
        spread = self.one.variance + self.two.variance - 2 * self._rooted(_eigenvalues(self.product)).sum()
        return float(apart + max(spread, 0.0))

    def error(self, fake: Array) -> float | None:
        """The delta method: a fake x moves the distance by 2 (m2 - m1).(x - m2) + (x - m2)^T (I - T) (x - m2) - trace.

        T is the optimal transport map from the fake to the real Gaussian, T S2 T = S1. It is A^T (A S2 A^T)^(-1/2) A by
        the root of S1, and S1 B^T (B S1 B^T)^(-3/2) B S1 by that of S2.
        """
        x = fake[:: -(-len(fake) // _ENOUGH)] - self.two.mean
        values, vectors = _eigen(self.product)
        roots = self._rooted(values)
        kept = roots > 1e-8 * roots.max()
        moved, power = (x, 0.5) if self.one.size <= self.two.size else (self.one.times(x), 1.5)
        carried = moved @ self.root.T @ (vectors[:, -self.rank :][:, kept] / roots[kept] ** power)
        influence = 2 * x @ (self.two.mean - self.one.mean) + np.square(x).sum(axis=1) - np.square(carried).sum(axis=1)
        found = standard_error(influence)
        return found and found * sqrt(len(x) / len(fake))

    def _rooted(self, values: Array) -> Array:
        return np.sqrt(values[-self.rank :].clip(0))


def _eigenvalues(matrix: Array) -> Array:
    """Those of `_eigen` alone, in a third of its time."""
    import torch

    return torch.linalg.eigvalsh(torch.from_numpy(matrix)).numpy()


def _eigen(matrix: Array) -> tuple[Array, NDArray[np.floating]]:
    """Of a symmetric matrix, ascending. By torch: the threads of numpy's wait for each other on a busy machine."""
    import torch

    values, vectors = torch.linalg.eigh(torch.from_numpy(matrix))
    return values.numpy(), vectors.numpy()
