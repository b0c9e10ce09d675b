"""Where a command speaks."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console

from saddlepoint.cli.steadfast import steadfast
from saddlepoint.errors import shown


class Plain(Console):
    """A console that interprets nothing: brackets in a folder's name are no markup, and no name steers a terminal."""

    def __init__(self, stream: TextIO, *, quiet: bool = False, terminal: bool | None = None) -> None:
        super().__init__(
            file=steadfast(stream),
            quiet=quiet,
            force_terminal=terminal,
            force_jupyter=False,
            soft_wrap=True,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def say(self, line: str) -> None:
        """Print a line."""
        self.print(shown(line))
