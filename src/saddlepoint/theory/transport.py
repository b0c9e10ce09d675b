"""Moving one distribution onto another, and its dual: the price of the move that a 1-Lipschitz critic names.

Kantorovich and Rubinstein: the least cost of moving p onto q is the largest E_p f - E_q f over f that nowhere rise by
more than the distance. Without that constraint the supremum is infinite wherever p and q differ: scaling f scales it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from saddlepoint.duel import Objective
from saddlepoint.errors import BadOption
from saddlepoint.objectives.wgan_gp import wgan_gp
from saddlepoint.theory.divergences import probabilities
from saddlepoint.theory.response import best_response, resampled, scores

Array = NDArray[np.float64]


class Plan(NamedTuple):
    """The least `cost` and how much `moved` (N, N) from each place to each."""

    cost: float
    moved: Array


class Potential(NamedTuple):
    """The largest `value` of E_p f - E_q f and the prices `f` (N,) that reach it, 0 at the first place."""

    value: float
    f: Array


class Estimate(NamedTuple):
    """What a trained critic says of W1: its `difference` E_p f - E_q f, its steepest `slope`, and the lower `bound`.

    `difference` exceeds W1 where the critic is steeper than 1; `bound`, difference / slope, never does.
    """

    difference: float
    slope: float
    bound: float
    critic: nn.Module


def w1_of_samples(real: ArrayLike, fake: ArrayLike) -> float:
    """Wasserstein-1 distance of samples (N,) and (M,) on a line, exactly: the least mean distance of a matching.

    For equally many, the mean of |sorted real - sorted fake|.
    """
    from scipy.stats import wasserstein_distance

    first, second = np.sort(np.asarray(real, np.float64)), np.sort(np.asarray(fake, np.float64))
    if first.shape == second.shape:
        return float(np.abs(first - second).mean())
    return float(wasserstein_distance(first, second))


def distances(places: ArrayLike) -> Array:
    """Euclidean distances (N, N) between places (N,) on a line or (N, D)."""
    rows = np.asarray(places, np.float64)
    rows = rows.reshape(len(rows), -1)
    found: Array = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    return found


def primal(p: ArrayLike, q: ArrayLike, cost: ArrayLike) -> Plan:
    """The cheapest way to move masses p (N,) onto q (N,) at `cost` (N, N) a unit, by linear programming.

    Paper: Arjovsky, Chintala & Bottou 2017, Wasserstein GAN, equation 1

    inf over plans >= 0 with marginals p and q of sum plan * cost. For tens of places: N^2 variables.
    """
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, kron, vstack

    p, q, cost = _checked(p, q, cost)
    n = len(p)
    ones = np.ones((1, n))
    leaves, arrives = kron(eye_array(n), ones), kron(ones, eye_array(n))
    found = linprog(cost.ravel(), A_eq=vstack([leaves, arrives]), b_eq=np.concatenate([p, q]), method="highs")
    moved: Array = found.x.reshape(n, n)
    return Plan(float(found.fun), moved)


def dual(p: ArrayLike, q: ArrayLike, distance: ArrayLike, *, lipschitz: float | None = 1.0) -> Potential:
    """The supremum of E_p f - E_q f over f (N,) with f_i - f_j <= lipschitz * distance_ij, by linear programming.

    Paper: Arjovsky, Chintala & Bottou 2017, Wasserstein GAN, equation 2

    `distance` (N, N) is a metric. With `lipschitz` None there is no constraint, and the value is infinite unless
    p = q; the prices are then NaN.
    """
    from scipy.optimize import linprog

    p, q, distance = _checked(p, q, distance)
    n = len(p)
    rises, limits = None, None
    if lipschitz is not None:
        rises = (np.eye(n)[:, None] - np.eye(n)[None]).reshape(n * n, n)
        limits = lipschitz * distance.ravel()
    bounds = [(0.0, 0.0)] + [(None, None)] * (n - 1)
    found = linprog(q - p, A_ub=rises, b_ub=limits, bounds=bounds, method="highs")
    if found.x is None:
        return Potential(float("inf"), np.full(n, np.nan))
    return Potential(-float(found.fun), found.x)


def critic_estimate(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    objective: Objective | None = None,
    steps: int = 1500,
    batch: int = 256,
    seed: int = 0,
) -> Estimate:
    """What a trained critic says of W1 between samples (N,) and (M,) on a line.

    Paper: Gulrajani et al. 2017, Improved Training of Wasserstein GANs, equation 3

    By default wgan_gp, one-sided, of weight 100. A weight w lets the slope grow where that pays: distant samples are
    overrated by about W1^2 / (2 w). The two-sided penalty likes the slope -1 as much as 1, and a critic that starts
    on the wrong side can stay there. A clipped critic's `difference` is W1 times a slope that nobody knows before.
    """
    objective = objective or wgan_gp(weight=100.0, one_sided=True)
    critic = best_response(objective, resampled(real), resampled(fake), steps=steps, batch=batch, seed=seed)
    difference = float(scores(critic, real).mean() - scores(critic, fake).mean())
    both = np.concatenate([np.asarray(real), np.asarray(fake)])
    slope = float(np.abs(slopes(critic, np.linspace(both.min(), both.max(), 4001))).max())
    return Estimate(difference, slope, difference / slope, critic)


def slopes(critic: nn.Module, x: ArrayLike) -> Array:
    """The critic's slope df/dx (N,) at points `x` (N,) on a line."""
    points: Tensor = torch.tensor(np.asarray(x), dtype=torch.float32)[:, None].requires_grad_()
    (slope,) = torch.autograd.grad(critic(points).sum(), points)
    found: Array = slope[:, 0].double().numpy()
    return found


def _checked(p: ArrayLike, q: ArrayLike, cost: ArrayLike) -> tuple[Array, Array, Array]:
    p, q, cost = probabilities(p), probabilities(q), np.asarray(cost, np.float64)
    if p.ndim != 1 or p.shape != q.shape or cost.shape != (len(p), len(p)):
        raise BadOption(f"wanted masses (N,), (N,) and costs (N, N), got {p.shape}, {q.shape} and {cost.shape}")
    return p, q, cost
