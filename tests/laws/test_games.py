"""What every game, found by discovery, must keep: `saddlepoint.laws.games` says it."""

import pytest

from saddlepoint import games
from saddlepoint.game import asks
from saddlepoint.laws import zoo
from tests.laws import Shelf

GAMES = Shelf("game")


@GAMES.over_all()
def test_every_game_keeps_the_law(law, case):
    law.hold(case)


@pytest.mark.parametrize("name", games.names())
def test_what_is_refused_is_refused_with_what_is_wanted(name):
    GAMES.demand_wants(name)


def refused(name, told=""):
    """The kinds of data that a game does not take with its options as they come, or with one as `told`."""
    found = [one.on.split(", ") for one in GAMES.refusals[name]]
    return {
        kind for kind, *rest in found if [one for one in rest if not one.startswith("network ")] == [told] * bool(told)
    }


def test_what_games_say_that_they_want_is_what_they_refuse_the_lack_of():
    unlabelled = {kind for kind, spec in zoo.SPECS.items() if len(spec.classes) < 2}
    unbounded = {kind for kind, spec in zoo.SPECS.items() if not spec.bounds}
    given_pictures = {kind for kind, spec in zoo.SPECS.items() if spec.given and spec.given.is_image}
    assert refused("acgan") == unlabelled
    for likelihood in ("bernoulli", "continuous_bernoulli"):
        assert refused("vae", f"likelihood {likelihood}") == unbounded | given_pictures
    for name in ("gan", "vae", "began", "ebgan", "flow", "autoregressive"):
        assert refused(name) == given_pictures
    for name in ("autoencoder", "infogan", "bayes_net", "empirical", "gaussian", "histogram", "kde"):
        assert not refused(name)
    assert refused("pix2pix") == zoo.SPECS.keys() - given_pictures


def test_every_spec_of_the_zoo_is_heeded_by_some_game():
    """Each spec is taken by some game, and each that asks by what is given is tried on a game that does."""
    taken = {case.on.partition(",")[0] for cases in GAMES.taken.values() for case in cases}
    asked = {case.on.partition(",")[0] for cases in GAMES.taken.values() for case in cases if asks(case.abilities)}
    assert taken == zoo.SPECS.keys()
    assert asked == {kind for kind, spec in zoo.SPECS.items() if spec.given}
