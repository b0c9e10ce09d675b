"""In which order players move: the numerical method for the game's saddle point.

A solver says how many fresh batches a step takes and plays one step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from saddlepoint.game import Batch, Player
from saddlepoint.training.moves import Mover

Fresh = Callable[[], Batch]


@dataclass(frozen=True)
class Solver:
    """`draws(players)` fresh batches a step, and `play(movers, fresh, step)`."""

    draws: Callable[[Sequence[Player]], int]
    play: Callable[[Sequence[Mover], Fresh, int], None]


def _alternate(movers: Sequence[Mover], fresh: Fresh, step: int) -> None:
    for mover in movers:
        for _ in range(mover.player.steps):
            mover.differentiate(fresh(), step)
            mover.step()
            mover.finish(step)


def _simultaneous(movers: Sequence[Mover], fresh: Fresh, step: int) -> None:
    _gradients(movers, fresh, step)
    for mover in movers:
        mover.step()
        mover.finish(step)


def _extragradient(movers: Sequence[Mover], fresh: Fresh, step: int) -> None:
    _gradients(movers, fresh, step)
    positions = [mover.position() for mover in movers]
    for mover in movers:
        mover.step()
    _gradients(movers, fresh, step)
    for mover, position in zip(movers, positions, strict=True):
        mover.put_back(position)
        mover.step()
        mover.finish(step)


def _gradients(movers: Sequence[Mover], fresh: Fresh, step: int) -> None:
    for mover in movers:
        mover.differentiate(fresh(), step)


alternate = Solver(lambda players: sum(player.steps for player in players), _alternate)
"""One player after the other, each seeing what those before it did (Goodfellow et al. 2014, algorithm 1)."""

simultaneous = Solver(len, _simultaneous)
"""All gradients at the same point, then every player moves once."""

extragradient = Solver(lambda players: 2 * len(players), _extragradient)
"""A look ahead by one move, then the move itself with the gradients found there (Gidel et al. 2019, algorithm 4)."""

SOLVERS = {"alternate": alternate, "simultaneous": simultaneous, "extragradient": extragradient}
