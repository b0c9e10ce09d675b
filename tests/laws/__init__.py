"""Everything that stands on a shelf, held to the laws of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from saddlepoint.laws.kinds import KINDS
from saddlepoint.laws.law import Case, Law, Refusal

Held = list[tuple[Law[Any], Case]]


class Shelf:
    """Each thing of a kind, on all that it takes, before each law that concerns it; and what it refused."""

    def __init__(self, kind: str) -> None:
        self.kind = KINDS[kind]
        self.cases = {name: list(self.kind.cases(name)) for name in self.kind.shelf.names()}

    @property
    def refusals(self) -> dict[str, list[Refusal]]:
        """By name, what each thing refused."""
        return {name: [one for one in cases if isinstance(one, Refusal)] for name, cases in self.cases.items()}

    @property
    def taken(self) -> dict[str, list[Case]]:
        """By name, what each thing took."""
        return {name: [one for one in cases if not isinstance(one, Refusal)] for name, cases in self.cases.items()}

    def over_all(self) -> pytest.MarkDecorator:
        """Parametrizes a test by `law` and `case`."""
        found = list(self._held())
        return pytest.mark.parametrize(("law", "case"), [one[1:] for one in found], ids=[one[0] for one in found])

    def _held(self) -> Iterator[tuple[str, Law[Any], Case]]:
        for name, cases in self.taken.items():
            for case in cases:
                yield from (
                    (f"{name}: {law.name}: {case.on}", law, case) for law in self.kind.laws if law.concerns(case)
                )

    def demand_wants(self, name: str) -> None:
        """The test that a thing takes something, and refuses the rest in one line with what it wants."""
        assert self.taken[name], f"{name} takes nothing"
        assert [one.verdict for one in self.refusals[name] if one.verdict.state == "broken"] == []
