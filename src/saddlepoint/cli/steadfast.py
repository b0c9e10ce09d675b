"""Standard output that does not end what writes to it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, TextIO, cast


def steadfast(stream: TextIO) -> TextIO:
    """A stream that outlives its reader and its disk: what cannot be written is dropped, from then on all of it."""
    return cast(TextIO, _Steadfast(stream))


class _Steadfast:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            silence(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            silence(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def silence(stream: TextIO) -> None:
    """Send what is left in a stream's buffer, and all that follows, nowhere; one that is no file is let alone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
