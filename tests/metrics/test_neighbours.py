"""Blockwise distances beside plain subtraction, to the last bit."""

import numpy as np
import pytest

from saddlepoint.errors import BadData, BadOption, Unfit
from saddlepoint.metrics import _neighbours
from saddlepoint.metrics._neighbours import blocks, crowds, nearest, squared_radii


def by_subtraction(queries, points):
    gap = queries[:, None].astype(np.float64) - points[None]
    return np.square(gap).sum(axis=2)


def sets(kind):
    rng = np.random.default_rng(0)
    if kind == "far from the origin":
        return 1e7 + rng.normal(size=(60, 5)), 1e7 + rng.normal(size=(150, 5))
    if kind == "whole numbers":
        return rng.integers(0, 3, (80, 3)).astype(np.float32), rng.integers(0, 3, (200, 3)).astype(np.float32)
    if kind == "copies":
        points = rng.normal(size=(150, 40)).astype(np.float32)
        return np.concatenate([points[:50], points[:50] + np.float32(1e-4)]), points
    if kind == "collapsed":
        return np.ones((90, 7)), np.concatenate([np.ones((70, 7)), rng.normal(size=(30, 7))])
    if kind == "long rows far from the origin":
        return 1e4 + rng.normal(size=(60, 300)), 1e4 + rng.normal(size=(150, 300)).astype(np.float32)
    if kind == "long copies":
        points = rng.normal(size=(150, 80)).astype(np.float32)
        return np.concatenate([points[:50], points[:50] + np.float32(1e-6)]), points
    if kind == "long rows of unlike sizes":
        points = rng.normal(size=(150, 80)) * 10.0 ** rng.integers(-45, 30, (150, 1))
        return np.concatenate([points[:40], -points[:40]]), points
    if kind == "long whole numbers":
        return rng.integers(0, 2, (80, 70)), rng.integers(0, 2, (200, 70))
    return rng.normal(size=(70, 33)), rng.normal(size=(160, 33))


KINDS = [
    "usual",
    "far from the origin",
    "whole numbers",
    "copies",
    "collapsed",
    "long rows far from the origin",
    "long copies",
    "long rows of unlike sizes",
    "long whole numbers",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", [1, 1000, 2**21])
def test_nearest_are_those_of_the_whole_matrix(kind, block, monkeypatch):
    monkeypatch.setattr(_neighbours, "_BLOCK", block)
    monkeypatch.setattr(_neighbours, "_LEAST", 1)
    queries, points = sets(kind)
    full = by_subtraction(queries, points)
    found = nearest(queries, points, 4)
    assert np.array_equal(found.distances, np.sqrt(np.sort(full, axis=1)[:, :4]))
    rows = np.arange(len(queries))[:, None]
    assert np.array_equal(found.distances, np.sqrt(full[rows, found.indices]))
    assert all(len(set(row)) == 4 for row in found.indices)


@pytest.mark.parametrize("kind", KINDS)
def test_crowds_are_all_others_within_the_radius(kind):
    _, points = sets(kind)
    full, radii = by_subtraction(points, points), squared_radii(points, 3)
    assert np.array_equal(crowds(points, 3), (full <= radii[:, None]).sum(axis=1) - 1)
    assert (crowds(points, 3) >= 3).all()


@pytest.mark.parametrize("kind", KINDS)
def test_none_is_its_own_neighbour(kind):
    _, points = sets(kind)
    full = by_subtraction(points, points)
    np.fill_diagonal(full, np.inf)
    assert np.array_equal(squared_radii(points, 3), np.sort(full, axis=1)[:, 2])
    found = nearest(points, points, others=True)
    assert (found.indices[:, 0] != np.arange(len(points))).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", [1, 1000, 2**21])
def test_who_lies_within_is_told_exactly_at_the_very_edge(kind, block, monkeypatch):
    monkeypatch.setattr(_neighbours, "_BLOCK", block)
    monkeypatch.setattr(_neighbours, "_LEAST", 1)
    queries, points = sets(kind)
    full = by_subtraction(queries, points)
    # Radii that some pair has to the last bit.
    by_point, by_query = np.median(full, axis=0), full[:, 3]
    found = list(blocks(queries, points))
    for strict, nearer in ((True, np.less), (False, np.less_equal)):
        inside = np.concatenate([block.within(by_point, strict=strict) for block in found])
        assert np.array_equal(inside, nearer(full, by_point))
        inside = np.concatenate([block.within(by_query[block.rows, None], strict=strict) for block in found])
        assert np.array_equal(inside, nearer(full, by_query[:, None]))


def test_what_was_walked_is_known_by_what_it_holds(monkeypatch):
    x = np.random.default_rng(3).normal(size=(90, 70))
    first = squared_radii(x, 3).copy()
    walks = []
    walk = _neighbours._nearest
    monkeypatch.setattr(_neighbours, "_nearest", lambda *arguments: walks.append(arguments) or walk(*arguments))
    assert np.array_equal(squared_radii(x.copy(), 3), first)
    assert not walks
    x[0] += 1
    assert not np.array_equal(squared_radii(x, 3), first)
    assert len(walks) == 1
    assert (np.diff(np.stack([squared_radii(x, k) for k in range(1, 30)]), axis=0) >= 0).all()


def test_a_copy_lies_on_its_original():
    queries, points = sets("copies")
    found = nearest(queries, points)
    assert (found.distances[:50] == 0).all()
    assert np.array_equal(found.indices[:, 0], np.tile(np.arange(50), 2))


def test_what_cannot_be_had_is_refused():
    x = np.zeros((3, 2))
    with pytest.raises(Unfit, match="at least 4 points for k = 3, got 3"):
        nearest(x, x, 3, others=True)
    with pytest.raises(BadOption, match="k: wanted at least 1, got 0"):
        nearest(x, x, 0)
    with pytest.raises(BadData, match="NaN or infinity in 1 of 3 samples of points, the first at 2"):
        nearest(x, np.array([[0.0, 1], [1, 1], [np.nan, 1]]))
