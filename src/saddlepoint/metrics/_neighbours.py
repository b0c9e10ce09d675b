"""Distances between many samples, walked in blocks: who is nearest, who lies within whose radius.

All are exact as if every pair had been subtracted. Products of matrices are faster by an order of magnitude but round,
by more than the distance where two samples are close: a copy would lie beside its original instead of on it. So they
only rule out pairs, between bounds that rounding cannot cross; what is left is subtracted. Products of long rows are
taken in float32, at twice the speed: their bounds are still narrow beside the distances. Nothing depends on the size of
a block.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
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

# Bytes of a block, of which a few are held at a time.
_BLOCK = 2**24
# But so many queries at least: products of few rows are slow.
_LEAST = 96
# Candidates beside the k that are wanted: with them hardly a row has to be looked at again.
_SPARE = 3
# From so many numbers a row on, products take the time, and not what is done with them.
_LONG = 64


class Neighbours(NamedTuple):
    """The nearest points of each query, nearest first: `distances` (Q, k) and `indices` (Q, k) among the points."""

    distances: Array
    indices: Indices


@dataclass(frozen=True)
class Block:
    """Some queries' squared distances to all points, in units of `unit`: each is at least `low` (R, P).

    Nor is it more than `low` and twice what it may have been rounded by, which `rounding`, of a query's and of a
    point's part, adds up to.
    """

    queries: Array
    points: Array
    start: int
    low: Array
    rounding: tuple[Array, Array]
    unit: float

    @property
    def rows(self) -> slice:
        """Where its queries lie among all."""
        return slice(self.start, self.start + len(self.low))

    def within(self, squared_radii: Array, *, strict: bool) -> Flags:
        """Which pairs (R, P) are nearer than radii (P,) or (R, 1); also those just as far unless `strict`."""
        inside: Flags = self.low <= self._rounded(squared_radii)
        row, column = np.nonzero(inside)
        wanted = np.broadcast_to(squared_radii, inside.shape)[row, column]
        unsure = self._high(row, column) >= wanted
        row, column, wanted = row[unsure], column[unsure], wanted[unsure]
        squared = self.exact(row, column)
        inside[row, column] = squared < wanted if strict else squared <= wanted
        return inside

    def perhaps(self, row: int, squared_radius: float) -> Indices:
        """The columns (K,) of all points that may be as near to a row's query as that."""
        return np.flatnonzero(self.low[row] <= self._rounded(np.asarray(squared_radius)))

    def _rounded(self, squared: Array) -> Array:
        """Squared distances in the block's units and type, surely not smaller."""
        return np.nextafter((squared / self.unit).astype(self.low.dtype), self.low.dtype.type(np.inf))

    def _high(self, row: Indices, column: Indices) -> Array:
        """What the squared distances (K,) of pairs of rows (K,) and columns (K,) surely do not exceed."""
        of_query, of_point = self.rounding
        return (self.low[row, column] + 2 * (of_query[row] + of_point[column])) * np.float64(self.unit)

    def exact(self, row: Indices, column: Indices) -> Array:
        """The squared distances (K,) of pairs of the block's rows (K,) and columns (K,), by subtraction."""
        return _exact(self.queries, self.points, self.start + row, column)


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
    return _others(x, k)[:, k - 1]


def crowds(x: Array, k: int) -> Indices:
    """How many others of `x` (N, F) are as near to each as its k-th nearest one (N,): more than k at ties."""
    near = _others(x, k + 1)
    counts = np.full(len(x), k)
    if near.shape[1] > k:
        tied = np.flatnonzero(near[:, k] == near[:, k - 1])
        for block in blocks(x[tied], x):
            rows = tied[block.rows]
            counts[rows] = block.within(near[rows, k - 1, None], strict=False).sum(axis=1) - 1
    return counts


_walked: OrderedDict[str, Array] = OrderedDict()
# A metric or two ask for as many neighbours, of two sides and of what real data gets.
_AHEAD, _REMEMBERED = 6, 4


def _others(x: Array, k: int) -> Array:
    """The squared distances (N, k or more) of each sample of `x` to its nearest other ones, of all there are at most.

    Several metrics ask this of the same samples, known by what they hold.
    """
    most = len(x) - 1
    key = f"{x.dtype} {x.shape} {hashlib.blake2b(np.ascontiguousarray(x).data, digest_size=16).hexdigest()}"
    known = _walked.pop(key, None)
    if known is None or known.shape[1] < min(k, most):
        known = _nearest(x, x, min(max(k, _AHEAD), most), True)[0]
    _walked[key] = known
    if len(_walked) > _REMEMBERED:
        _walked.popitem(last=False)
    return known


def blocks(queries: Array, points: Array, *, once: bool = False) -> Iterator[Block]:
    """All pairs of `queries` (Q, F) and `points` (P, F), some queries at a time.

    With `once` the queries are the points themselves, and each block holds only the points from its own first one on.
    """
    width = points.shape[1]
    dtype = np.float32 if width >= _LONG else np.float64
    centre = points.mean(axis=0, dtype=np.float64)
    scale = _scale(centre, *_ends(points), *_ends(queries))
    right = _Side(points, centre, scale, dtype)
    left = right if once else _Side(queries, centre, scale, dtype)
    size = max(_LEAST, _BLOCK // right.terms.itemsize // max(len(points), width))
    for start in range(0, len(queries), size):
        first = start if once else 0
        rows = slice(start, start + size)
        low = left.factors(rows) @ right.terms[first:].T
        yield Block(queries, points[first:], start, low, (left.rounding[rows], right.rounding[first:]), scale * scale)


class _Side:
    """Samples (N, F) about a centre in units of `scale`, as terms (N, F + 2) of products that bound their distances.

    Beside the numbers stand what the sample's own part of a bound is, and 1, with which the other side's is multiplied.
    """

    def __init__(self, x: Array, centre: Array, scale: float, dtype: type[np.floating]) -> None:
        width = x.shape[1]
        # Each of the products' sums of terms rounds by at most as many units in the last place of its terms' size, or
        # of the least numbers there are.
        rounding, least = (width + 12) * np.finfo(dtype).eps, 10 * width * np.finfo(dtype).tiny
        self.terms, self.rounding = np.empty((len(x), width + 2), dtype), np.empty(len(x), dtype)
        done = 0
        for part in _parts(x):
            rows, gap = slice(done, done + len(part)), part - centre
            gap /= scale
            norms = np.einsum("ij,ij->i", gap, gap)
            self.rounding[rows] = norms * rounding + least
            self.terms[rows, :-2], self.terms[rows, -2], done = gap, norms - self.rounding[rows], rows.stop
        self.terms[:, -1] = 1

    def factors(self, rows: slice) -> Array:
        """What the other side's terms are multiplied with (R, F + 2), for some of the samples."""
        made = self.terms[rows] * self.terms.dtype.type(-2)
        made[:, -2], made[:, -1] = 1, self.terms[rows, -2]
        return made


def _ends(x: Array) -> tuple[Array, Array]:
    """The least and the greatest number (F,) of each column."""
    return (x.min(axis=0), x.max(axis=0)) if len(x) else (np.zeros(x.shape[1]), np.zeros(x.shape[1]))


def _scale(centre: Array, *numbers: Array) -> float:
    """A power of two that none of `numbers` (F,) exceeds from the centre on."""
    most = float(max(abs(one - centre).max() for one in numbers))
    return float(2.0 ** np.ceil(np.log2(most))) if most > 0 else 1.0


def _parts(x: Array) -> Iterator[Array]:
    """Some rows of `x` at a time, so that few are in float64."""
    size = max(1, _BLOCK // 8 // x.shape[1])
    return (x[start : start + size] for start in range(0, len(x), size))


def _nearest(queries: Array, points: Array, k: int, others: bool) -> tuple[Array, Indices]:
    near = _Candidates(len(queries), min(k + _SPARE, len(points) - others))
    for block in blocks(queries, points, once=others):
        if others:
            np.fill_diagonal(block.low, np.inf)
            near.see(slice(block.rows.stop, None), block.low[:, len(block.low) :].T, block.start, block.unit)
        near.see(block.rows, block.low, block.start if others else 0, block.unit)
    return _settled(queries, points, k, others, near)


class _Candidates:
    """Of each of N queries the `wanted` points that may be nearest, as bounds from below tell, and the next one."""

    def __init__(self, count: int, wanted: int) -> None:
        self.low, self.index = np.full((count, wanted + 1), np.inf), np.zeros((count, wanted + 1), np.int64)

    def see(self, rows: slice, low: Array, first: int, unit: float) -> None:
        """Bounds (R, P) of the squared distances, in some unit, of some queries to the points from `first` on."""
        low, kept = np.ascontiguousarray(low), self.low.shape[1]
        order = np.argpartition(low, kept, axis=1)[:, :kept] if kept < low.shape[1] else np.argsort(low, axis=1)
        found = np.take_along_axis(low, order, 1) * np.float64(unit)
        lows = np.concatenate([self.low[rows], found], axis=1)
        indices = np.concatenate([self.index[rows], order + first], axis=1)
        best = np.argsort(lows, axis=1)[:, :kept]
        self.low[rows], self.index[rows] = np.take_along_axis(lows, best, 1), np.take_along_axis(indices, best, 1)


def _settled(queries: Array, points: Array, k: int, others: bool, near: _Candidates) -> tuple[Array, Indices]:
    """The k nearest of each query, exact."""
    rows, candidates, rest = np.arange(len(queries)), np.sort(near.index[:, :-1], axis=1), near.low[:, -1]
    exact = np.stack([_exact(queries, points, rows, column) for column in candidates.T], axis=1)
    order = np.argsort(exact, axis=1, kind="stable")[:, :k]
    squared, indices = np.take_along_axis(exact, order, 1), np.take_along_axis(candidates, order, 1)
    # A point outside the candidates may be nearer, unless nothing can be.
    unsure = np.flatnonzero((squared[:, -1] >= rest) & (squared[:, -1] > 0))
    for block in blocks(queries[unsure], points):
        for place, row in enumerate(unsure[block.rows]):
            columns = block.perhaps(place, squared[row, -1])
            columns = columns[columns != row] if others else columns
            exact = block.exact(np.full(len(columns), place), columns)
            order = np.argsort(exact, kind="stable")[:k]
            squared[row], indices[row] = exact[order], columns[order]
    return squared, indices


def _exact(queries: Array, points: Array, row: Indices, column: Indices) -> Array:
    """The squared distances (K,) of queries (K,) and points (K,), by subtraction."""
    found = np.empty(len(row))
    size = max(1, _BLOCK // 8 // points.shape[1])
    for first in range(0, len(row), size):
        part = slice(first, first + size)
        gap = np.subtract(queries[row[part]], points[column[part]], dtype=np.float64)
        found[part] = np.square(gap, out=gap).sum(axis=1)
    return found
