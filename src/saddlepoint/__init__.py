"""saddlepoint: train, watch, judge and ship generative models, above all generative adversarial networks.

A generative model is a game. A game has players. A player minimises a sum of named terms over its own parameters.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from saddlepoint.duel import Duel, Objective
    from saddlepoint.game import Decodes, Encodes, Game, Loss, Player, Samples, Scores, Translates
    from saddlepoint.runs.recorded import record
    from saddlepoint.runs.translating import translated
    from saddlepoint.saved.model import Model, load
    from saddlepoint.source import Source
    from saddlepoint.spec import Spec
    from saddlepoint.training.loop import Step, train
    from saddlepoint.training.moves import Rules
    from saddlepoint.training.solvers import alternate, extragradient, simultaneous

__version__ = "0.1.0"

__all__ = [
    "Decodes",
    "Duel",
    "Encodes",
    "Game",
    "Loss",
    "Model",
    "Objective",
    "Player",
    "Rules",
    "Samples",
    "Scores",
    "Source",
    "Spec",
    "Step",
    "Translates",
    "__version__",
    "alternate",
    "extragradient",
    "load",
    "record",
    "simultaneous",
    "train",
    "translated",
]

_HOMES = {
    "duel": ("Duel", "Objective"),
    "game": ("Decodes", "Encodes", "Game", "Loss", "Player", "Samples", "Scores", "Translates"),
    "runs.recorded": ("record",),
    "runs.translating": ("translated",),
    "saved.model": ("Model", "load"),
    "source": ("Source",),
    "spec": ("Spec",),
    "training.loop": ("Step", "train"),
    "training.moves": ("Rules",),
    "training.solvers": ("alternate", "extragradient", "simultaneous"),
}
SHELVES = (
    "data",
    "diagnostics",
    "features",
    "games",
    "latent",
    "metrics",
    "networks",
    "objectives",
    "optimizers",
    "priors",
    "regularizers",
    "tasks",
)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the command's help and its refusals do without torch."""
    if name in (*SHELVES, "laws"):
        return import_module(f"saddlepoint.{name}")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"saddlepoint.{home}"), name)
    raise AttributeError(f"module 'saddlepoint' has no attribute {name!r}")
