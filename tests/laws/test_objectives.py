"""What every objective and regularizer, found by discovery, must keep: `saddlepoint.laws.objectives` says it."""

import pytest

from saddlepoint import objectives, regularizers
from tests.laws import Shelf

OBJECTIVES, REGULARIZERS = Shelf("objective"), Shelf("regularizer")


@OBJECTIVES.over_all()
def test_every_objective_keeps_the_law(law, case):
    law.hold(case)


@REGULARIZERS.over_all()
def test_every_regularizer_keeps_the_law_over_every_objective(law, case):
    law.hold(case)


@pytest.mark.parametrize("name", objectives.names())
def test_every_objective_is_played_on_data_of_all_sorts(name):
    OBJECTIVES.demand_wants(name)


@pytest.mark.parametrize("name", regularizers.names())
def test_every_regularizer_is_played_on_data_of_all_sorts(name):
    REGULARIZERS.demand_wants(name)
    assert {case.name for case in REGULARIZERS.taken[name]} == set(objectives.names())
