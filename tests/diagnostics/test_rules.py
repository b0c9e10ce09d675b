"""The rules on series whose story is known, and on the logs of published runs."""

import json

import numpy as np
import pytest

from saddlepoint import diagnostics
from saddlepoint.history import Series
from saddlepoint.runs.diagnosing import diagnosed


def series(values):
    return Series(np.arange(len(values)) * 10, np.array(values, float))


def events(values, name="fid/score"):
    return list(diagnosed((10 * i, {name: value}) for i, value in enumerate(values)))


@pytest.mark.parametrize("name", diagnostics.names())
def test_a_finding_says_all_a_newcomer_needs(name):
    bad = {"score": [5, 4, 9, 9, 9], "gradient": [1.0] * 12 + [500.0] * 3, "skipped": [0] * 15}
    found = diagnostics.build(name, *(series(bad[part]) for part in diagnostics.shelf.entry(name).parts))
    assert found.what
    assert found.cause
    assert found.advice
    assert all(np.isfinite(value) for value in found.evidence.values())


def test_a_score_that_rises_and_stays_is_found_once_until_it_recovers():
    healthy = [20, 15, 12, 11, 12, 11.5]
    assert events(healthy) == []
    (event,) = events([*healthy, 14, 14, 14, 15, 16])
    assert (event["step"], event["since"], event["symptom"]) == (80, 60, "degradation")
    assert event["evidence"] == {"score": 14, "best": 11, "best_step": 30, "limit": 13.75}
    again = events([*healthy, 14, 14, 14, 10, 13, 13, 13])
    assert [event["step"] for event in again] == [80, 120]


def test_two_bad_scores_in_a_row_are_no_finding_and_a_missing_one_counts_as_bad():
    assert events([10, 20, 20, 10, 20, 20, 10]) == []
    assert [event["step"] for event in events([10, 20, None, 20])] == [30]


def test_a_score_at_or_below_zero_is_no_best():
    assert events([-0.1, 0.2, 0.2, 0.2, 0.2]) == []
    assert [event["step"] for event in events([-0.1, 0.2, 0.5, 0.5, 0.5])] == [40]


def moves(gradients, skipped=None):
    """The events of a player's logged gradients and left-out moves."""
    rows = zip(gradients, skipped or [0] * len(gradients), strict=True)
    numbers = [{"generator/gradient": gradient, "generator/skipped": count} for gradient, count in rows]
    return list(diagnosed((10 * i, row) for i, row in enumerate(numbers)))


def test_gradients_that_explode_or_break_are_found():
    calm = [1.0, 1.2, 0.9] * 4
    assert moves([*calm, 50, 50, 50]) == []
    assert moves([*calm, 500, 1, 500, 500]) == []
    (event,) = moves([*calm, 500, 600, 700])
    assert (event["symptom"], event["of"], event["since"]) == ("divergence", "generator", 120)
    (event,) = moves([1.0, 1.0, 1.0, 1.0], [0, 0, 2, 2])
    assert "2 moves were left out" in event["text"]
    assert (event["since"], event["step"]) == (10, 20)
    assert [event["step"] for event in moves([1.0] * 4, [0, 3, 3, 5])] == [10, 30]


def test_published_runs_that_fell_back_are_flagged_and_the_others_hardly(real_data):
    """The targets: at least 8 of the 10 that end above 1.25 x their best; wrong, later better by 2 %, at most once."""
    lines = (real_data / "fid_series" / "series.jsonl").read_text().splitlines()
    caught = wrong = fell = 0
    for run in map(json.loads, lines):
        fid = run["fid"]
        found = list(diagnosed((step, {"fid/score": value}) for step, value in zip(run["steps"], fid, strict=True)))
        bad = fid[-1] > 1.25 * min(fid)
        fell += bad
        caught += bad and bool(found)
        if found:
            at, best = run["steps"].index(found[0]["step"]), found[0]["evidence"]["best"]
            wrong += min(fid[at:]) < 0.98 * best
    assert (len(lines), fell) == (32, 10)
    assert caught >= 8
    assert wrong <= 1
