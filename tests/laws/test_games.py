"""What every game, found by discovery, must keep: `saddlepoint.laws.games` says it."""

import pytest

from saddlepoint import games
from saddlepoint.laws import zoo
from tests.laws import Shelf

GAMES = Shelf("game")


@GAMES.over_all()
def test_every_game_keeps_the_law(law, case):
    law.hold(case)


@pytest.mark.parametrize("name", games.names())
def test_what_is_refused_is_refused_with_what_is_wanted(name):
    GAMES.demand_wants(name)


def refused(name, **options):
    """The kinds of data that a game does not take with these options."""
    kinds = {one.on.partition(",")[0] for one in GAMES.refusals[name]}
    return (
        kinds
        if not options
        else {
            one.on.partition(",")[0]
            for one in GAMES.refusals[name]
            if one.on.endswith(", ".join(f"{option} {value}" for option, value in options.items()))
        }
    )


def test_each_documented_refusal_is_that_of_the_data():
    unlabelled = {kind for kind, spec in zoo.SPECS.items() if len(spec.classes) < 2}
    unbounded = {kind for kind, spec in zoo.SPECS.items() if not spec.bounds}
    pictures_given = {kind for kind, spec in zoo.SPECS.items() if spec.given and spec.given.is_image}
    assert refused("acgan") == unlabelled
    for likelihood in ("bernoulli", "continuous_bernoulli"):
        assert refused("vae", likelihood=likelihood) == unbounded | pictures_given
    for name in ("gan", "vae", "flow", "autoregressive"):
        plain = {
            one.on.partition(",")[0]
            for one in GAMES.refusals[name]
            if "label" not in one.on and "likelihood" not in one.on
        }
        assert plain == pictures_given
