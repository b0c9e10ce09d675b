"""A part that is a run: what a game wants of it, in words, and the [model] table that tells all of it.

[model] holds where the `run` was and at which `step` it was taken; [model.spec], what its samples are; and what its
game is built from, [model.game], [model.network] and so on. The run itself is not needed again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from saddlepoint.catalogue import Entry
from saddlepoint.errors import BadOption, unknown

PART, RUN = "model", "run"
_WANTED = re.compile(r"(?:[\w.]+\.)?Trained\[(?:[\w.]+\.)?(\w+)\]")


def ability(game: Entry) -> str | None:
    """What a game's model must be able to do, by the name of the ability: "Decodes"; None where that is not said."""
    found = _WANTED.fullmatch(game.kinds.get(PART, ""))
    return found[1] if found else None


def wanted(game: Entry) -> str:
    """What a game wants for a model, in words: "--model RUN, a trained run whose model decodes"."""
    able = ability(game)
    return f"--model RUN, a trained run{f' whose model {able.lower()}' if able else ''}"


def check(table: Mapping[str, Any]) -> None:
    """Raises `BadOption` for an option below --model: there is none but the run itself."""
    for name in table:
        if name != RUN:
            raise BadOption(unknown("option of model", name, [RUN]))


def complete(game: Entry, table: Mapping[str, Any] | None) -> dict[str, Any]:
    """The [model] table of a game; raises `BadOption` where the game wants one and there is none."""
    if table is None:
        raise BadOption(f"game {game.name!r} wants {wanted(game)}; got none")
    return dict(table)
