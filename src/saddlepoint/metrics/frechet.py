"""The distance between Gaussians fitted to real and fake features."""

from __future__ import annotations

import warnings
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from saddlepoint.errors import BadData
from saddlepoint.metric import Estimate, FewSamples
from saddlepoint.metrics._estimate import Array, standard_error, with_error
from saddlepoint.metrics._inputs import features

_ROWS = 4096
# From so many fakes the deviation of their influence is known within a few per cent.
_ENOUGH = 1000


class _Gaussian(NamedTuple):
    """A mean (F,) and a root (R, F) with root^T root the covariance."""

    mean: Array
    root: Array


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
    one, two = _fitted(real), _fitted(fake)
    product = one.root @ two.root.T
    roots, vectors = _spectrum(product, rank=min(few - 1, real.shape[1]))
    return with_error(_distance(one, two, roots), _error(one, two, product, roots, vectors, fake))


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
    return _distance(one, two, _spectrum(one.root @ two.root.T, rank=len(one.mean))[0])


def _distance(one: _Gaussian, two: _Gaussian, roots: Array) -> float:
    apart = np.square(one.mean - two.mean).sum()
    spread = np.square(one.root).sum() + np.square(two.root).sum() - 2 * roots.sum()
    return float(apart + max(spread, 0.0))


def _fitted(x: Array) -> _Gaussian:
    """With few samples the centred samples are the root, and no covariance is needed."""
    mean = x.mean(axis=0, dtype=np.float64)
    if len(x) <= x.shape[1]:
        return _Gaussian(mean, (x - mean) / sqrt(len(x) - 1))
    covariance = np.zeros((x.shape[1], x.shape[1]))
    for start in range(0, len(x), _ROWS):
        part = x[start : start + _ROWS] - mean
        covariance += part.T @ part
    covariance /= len(x) - 1
    return _Gaussian(mean, _root(covariance))


def _given(mean: Array, covariance: Array) -> _Gaussian:
    mean, covariance = np.array(mean, np.float64), np.array(covariance, np.float64)
    if mean.ndim != 1 or covariance.shape != (len(mean), len(mean)):
        raise BadData(f"frechet_of wants shapes (F,) and (F, F), got {mean.shape} and {covariance.shape}")
    values = np.linalg.eigvalsh(covariance) if np.isfinite(covariance).all() else np.array([-np.inf])
    if not np.allclose(covariance, covariance.T) or values[0] < -1e-6 * abs(values[-1]):
        raise BadData("frechet_of wants symmetric covariances without negative eigenvalues, got one that is not")
    return _Gaussian(mean, _root(covariance))


def _root(covariance: Array) -> Array:
    import torch

    factor, failed = torch.linalg.cholesky_ex(torch.from_numpy(covariance), upper=True)
    if not failed:
        return factor.numpy()
    values, vectors = _eigen(covariance)
    return np.sqrt(values.clip(0))[:, None] * vectors.T


def _spectrum(product: Array, rank: int) -> tuple[Array, Array]:
    """The singular values of A B^T, of which no more than `rank` differ from 0, with vectors of its smaller side.

    They are the roots of the eigenvalues of S1 S2 for S1 = A^T A and S2 = B^T B.
    """
    rows, columns = product.shape
    values, vectors = _eigen(product @ product.T if rows <= columns else product.T @ product)
    return np.sqrt(values[-rank:].clip(0)), vectors[:, -rank:]


def _error(one: _Gaussian, two: _Gaussian, product: Array, roots: Array, vectors: Array, fake: Array) -> float | None:
    """The delta method: a fake x moves the distance by 2 (m2 - m1).(x - m2) + (x - m2)^T (I - T) (x - m2) - trace.

    T is the optimal transport map from the fake to the real Gaussian, T S2 T = S1. With S1 = A^T A it is
    A^T (A S2 A^T)^(-1/2) A, of which here is a root.
    """
    kept = roots > 1e-8 * roots.max()
    if product.shape[0] <= product.shape[1]:
        root = one.root.T @ (vectors[:, kept] / np.sqrt(roots[kept]))
    else:
        root = one.root.T @ (product @ (vectors[:, kept] / roots[kept] ** 1.5))
    x = fake[:: -(-len(fake) // _ENOUGH)] - two.mean
    influence = 2 * x @ (two.mean - one.mean) + np.square(x).sum(axis=1) - np.square(x @ root).sum(axis=1)
    found = standard_error(influence)
    return found and found * sqrt(len(x) / len(fake))


def _eigen(matrix: Array) -> tuple[Array, NDArray[np.floating]]:
    """Of a symmetric matrix, ascending. By torch: the threads of numpy's wait for each other on a busy machine."""
    import torch

    values, vectors = torch.linalg.eigh(torch.from_numpy(matrix))
    return values.numpy(), vectors.numpy()
