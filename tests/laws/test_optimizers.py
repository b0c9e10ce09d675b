"""What every optimizer, found by discovery, must keep: `saddlepoint.laws.optimizers` says it."""

from tests.laws import Shelf

OPTIMIZERS = Shelf("optimizer")


@OPTIMIZERS.over_all()
def test_every_optimizer_keeps_the_law(law, case):
    law.hold(case)
