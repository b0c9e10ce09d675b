"""A trained model as a part of a game: a run, frozen."""

from __future__ import annotations

from typing import Generic, TypeVar

from torch import nn

from saddlepoint.errors import BadData
from saddlepoint.game import Game, Samples, asks
from saddlepoint.spec import Spec

Ability = TypeVar("Ability", covariant=True)


class Trained(nn.Module, Generic[Ability]):
    """A `game` that was trained on samples of `spec`: its parameters learn no more, and it stays in evaluation mode.

    A game that wants one says by `model: Trained[Decodes]` what it must be able to do, and keeps it as a module of its
    own: then its weights travel in the game's checkpoints.
    """

    def __init__(self, game: Game, spec: Spec) -> None:
        super().__init__()
        self.game, self.spec = game.requires_grad_(False).eval(), spec

    def train(self, mode: bool = True) -> Trained[Ability]:
        """Stay as it is."""
        return super().train(False)

    @property
    def able(self) -> Ability:
        """The game as what it must be able to do."""
        return self.game  # type: ignore[return-value]

    @property
    def conditional(self) -> bool:
        """Whether its samples are asked for by a label or by something else."""
        return asks(self.game) or (isinstance(self.game, Samples) and self.game.classes > 0)

    def refuse_others(self, spec: Spec, who: str) -> None:
        """Raises `BadData`, naming `who` asks, unless it makes samples such as those of `spec`, asked for as they are.

        Labels that it takes no notice of may be others.
        """
        wanted, got = (_asked(one, self.conditional) for one in (spec, self.spec))
        if differing := [name for name in wanted if wanted[name] != got[name]]:
            raise BadData(
                f"{who} wants a model of samples such as the data's, {_said(spec)}; got one of {_said(self.spec)}, of "
                f"another {differing[0]}; train one on this data, or name the data that it was trained on"
            )


def _asked(spec: Spec, conditional: bool) -> dict[str, object]:
    """What must agree between two specs, by what it is."""
    asked = {"classes": spec.classes, "condition": spec.given} if conditional else {}
    scale = (spec.bounds, spec.simplexes, spec.units)
    return {"shape": spec.shape, **asked, "scale": scale}


def _said(spec: Spec) -> str:
    shape = " x ".join(map(str, spec.shape))
    return f"{shape} in {len(spec.classes)} classes" if spec.classes else shape
