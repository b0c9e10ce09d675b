"""What every metric, found by discovery, must keep: `saddlepoint.laws.metrics` says it."""

from saddlepoint.judging.records import _given
from saddlepoint.laws.metrics import evidence
from tests.laws import Shelf

METRICS = Shelf("metric")


@METRICS.over_all()
def test_every_metric_keeps_the_law(law, case):
    law.hold(case)


def test_laws_know_all_the_evidence_that_a_judge_gives():
    assert evidence().keys() == set(_given())
