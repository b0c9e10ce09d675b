"""Distances between many samples, walked in blocks: who is nearest, who lies within whose radius.

All are exact as if every pair had been subtracted. Products of matrices are faster by an order of magnitude but round,
by more than the distance where two samples are close: a copy would lie beside its original instead of on it. So they
only rule out pairs, between bounds that rounding cannot cross; what is left is subtracted. Nothing depends on the size
of a block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from saddlepoint.errors import Unfit
from saddlepoint.limits import at_least
from saddlepoint.metrics._estimate import Array
from saddlepoint.metrics._inputs import features

Indices = NDArray[np.integer]
Flags = NDArray[np.bool_]

# Numbers in a block: 16 MiB of float64, of which a few are held at a time.
_BLOCK = 2**21
# But so many queries at least: products of few rows are slow.
_LEAST = 96
# Candidates beside the k that are wanted: with them hardly a row has to be looked at again.
_SPARE = 4


class Neighbours(NamedTuple):
    """The nearest points of each query, nearest first: `distances` (Q, k) and `indices` (Q, k) among the points."""

    distances: Array
    indices: Indices


@dataclass(frozen=True)
class Block:
    """Some queries' squared distances to all points: each lies between `low` and `high` (R, P)."""

    queries: Array
    points: Array
    start: int
    low: Array
    high: Array

    @property
    def rows(self) -> slice:
        """Where its queries lie among all."""
        return slice(self.start, self.start + len(self.low))

    def within(self, squared_radii: Array, *, strict: bool) -> Flags:
        """Which pairs (R, P) are nearer than radii (P,) or (R, 1); also those just as far unless `strict`."""
        inside: Flags = self.high < squared_radii
        row, column = np.nonzero(~inside & (self.low <= squared_radii))
        wanted = np.broadcast_to(squared_radii, inside.shape)[row, column]
        squared = self.exact(row, column)
        inside[row, column] = squared < wanted if strict else squared <= wanted
        return inside

    def exact(self, row: Indices, column: Indices) -> Array:
        """The squared distances (K,) of pairs of the block's rows (K,) and columns (K,), by subtraction."""
        found = np.empty(len(row))
        size = max(1, _BLOCK // self.points.shape[1])
        for first in range(0, len(row), size):
            part = slice(first, first + size)
            gap = self.queries[self.start + row[part]].astype(np.float64) - self.points[column[part]]
            found[part] = np.square(gap, out=gap).sum(axis=1)
        return found


def nearest(queries: Array, points: Array, k: int = 1, *, others: bool = False) -> Neighbours:
    """The `k` nearest of `points` (P, F) to each of `queries` (Q, F), exact; among equally near ones, any.

    With `others` the queries are the points themselves, and none is its own neighbour. Raises Unfit for fewer than k
    points, BadData for samples that are not finite.
    """
    at_least(1, "nearest", k=k)
    queries, points = features("nearest", 1, queries=queries, points=points)
    if len(points) < k + others:
        raise Unfit(f"nearest wants at least {k + others} points for k = {k}, got {len(points)}; take more")
    squared, indices = _nearest(queries, points, k, others)
    return Neighbours(np.sqrt(squared), indices)


def squared_radii(x: Array, k: int) -> Array:
    """The squared distance (N,) of each sample of `x` (N, F) to its k-th nearest other one."""
    return _nearest(x, x, k, True)[0][:, -1]


def crowds(x: Array, squared_radii: Array) -> Indices:
    """How many others of `x` (N, F) lie within each sample's radius (N,) or on its edge: more than k at ties."""
    counts = np.empty(len(x), np.int64)
    for block in blocks(x, x):
        counts[block.rows] = block.within(squared_radii[block.rows, None], strict=False).sum(axis=1) - 1
    return counts


def blocks(queries: Array, points: Array) -> Iterator[Block]:
    """All pairs of `queries` (Q, F) and `points` (P, F), some queries at a time."""
    width = points.shape[1]
    centre = points.mean(axis=0, dtype=np.float64)
    right = points - centre
    right_norms = np.einsum("ij,ij->i", right, right)
    # Each of the products' sums of F terms rounds by at most F units in the last place of its terms' size.
    rounding = (width + 10) * np.finfo(np.float64).eps
    size = max(_LEAST, _BLOCK // max(len(points), width))
    for start in range(0, len(queries), size):
        left = queries[start : start + size] - centre
        norms = np.einsum("ij,ij->i", left, left)[:, None] + right_norms
        low = left @ right.T
        low *= -2
        low += norms
        norms *= rounding
        low -= norms
        norms *= 2
        norms += low
        yield Block(queries, points, start, low, norms)


def _nearest(queries: Array, points: Array, k: int, others: bool) -> tuple[Array, Indices]:
    squared, indices = np.empty((len(queries), k)), np.empty((len(queries), k), np.int64)
    for block in blocks(queries, points):
        if others:
            own = np.arange(len(block.low))
            block.low[own, block.start + own] = np.inf
        squared[block.rows], indices[block.rows] = _of_block(block, k, len(points) - others)
    return squared, indices


def _of_block(block: Block, k: int, most: int) -> tuple[Array, Indices]:
    """The k nearest of each row, of `most` points that may be."""
    rows, count = np.arange(len(block.low)), min(k + _SPARE, most)
    if count < most:
        order = np.argpartition(block.low, count, axis=1)
        rest = block.low[rows, order[:, count]]
        candidates = np.sort(order[:, :count], axis=1)
    else:
        candidates = np.sort(np.argsort(block.low, axis=1)[:, :count], axis=1)
        rest = np.full(len(rows), np.inf)
    exact = np.stack([block.exact(rows, column) for column in candidates.T], axis=1)
    order = np.argsort(exact, axis=1, kind="stable")[:, :k]
    squared, indices = np.take_along_axis(exact, order, 1), np.take_along_axis(candidates, order, 1)
    # A point outside the candidates may be nearer, unless nothing can be.
    for row in np.flatnonzero((squared[:, -1] >= rest) & (squared[:, -1] > 0)):
        columns = np.flatnonzero(block.low[row] <= squared[row, -1])
        exact = block.exact(np.full(len(columns), row), columns)
        order = np.argsort(exact, kind="stable")[:k]
        squared[row], indices[row] = exact[order], columns[order]
    return squared, indices
