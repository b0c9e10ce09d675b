"""What every metric, found by discovery, must keep: `saddlepoint.laws.metrics` says it."""

from functools import cached_property

from saddlepoint.judging.evidence import Evidence
from saddlepoint.laws.metrics import evidence
from tests.laws import Shelf

METRICS = Shelf("metric")


@METRICS.over_all()
def test_every_metric_keeps_the_law(law, case):
    law.hold(case)


def test_laws_know_all_the_evidence_that_a_judge_gives():
    given = {name for name, one in vars(Evidence).items() if isinstance(one, property | cached_property)}
    assert evidence().keys() == {name for name in given if name[0] != "_"} - {"told", "to_learn"}
