"""What is being waited for, told while it takes its time."""

from __future__ import annotations

import sys
from threading import Event, Thread
from types import TracebackType

from rich.text import Text

from saddlepoint.cli.plain import Plain
from saddlepoint.errors import shown


def beside_output() -> Plain:
    """Where waiting is told beside what is printed: the terminal, or, where output goes elsewhere, stderr."""
    if sys.stdout.isatty():
        return Plain(sys.stdout)
    # What is printed must not be drawn into a line that renews itself.
    return Plain(sys.stderr, terminal=False)


_FIRST, _MOST = 5.0, 60.0


class Waiting:
    """`with Waiting(console) as tell: tell("judging: frechet")` says what is being done, as long as it is.

    On a terminal that is a line that renews itself and is gone at the end; elsewhere a line of its own after five
    seconds, and then ever more rarely, unless nothing has changed.
    """

    def __init__(self, console: Plain) -> None:
        self._console, self._doing, self._over = console, "", Event()
        self._status = console.status("") if console.is_terminal else None
        self._thread = Thread(target=self._tell_now_and_then, daemon=True)

    def __call__(self, doing: str) -> None:
        self._doing = doing
        if self._status is not None:
            self._status.update(Text(shown(doing)))

    def __enter__(self) -> Waiting:
        (self._status or self._thread).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        if self._status is not None:
            self._status.stop()
        else:
            self._thread.join()

    def _tell_now_and_then(self) -> None:
        pause, told = _FIRST, ""
        while not self._over.wait(pause):
            if self._doing != told:
                told = self._doing
                self._console.say(told)
                pause = min(1.5 * pause, _MOST)
