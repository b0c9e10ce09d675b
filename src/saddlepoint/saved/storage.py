"""Files of a run folder: small ones are read, whole ones are written, and no link leads a writer out of the folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from saddlepoint.errors import BadOption, BadRun
from saddlepoint.machine import regular

_MOST = 2**30


def text_of(file: Path, most: int = _MOST) -> str:
    """The text of a file, which may begin with a byte order mark; raises `BadRun` for what cannot be read as UTF-8."""
    try:
        return bytes_of(file, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRun(f"{file} is not UTF-8 text: {error.reason} at byte {error.start}") from None


def bytes_of(file: Path, most: int = _MOST) -> bytes:
    """The bytes of a file; raises `BadRun` for what is no regular file, is too large, or is not to be read."""
    try:
        return regular.read(file, most)
    except OSError as error:
        raise BadRun(f"{file} cannot be read: {error.strerror or error}") from error


def refuse_filled(out: str) -> Path:
    """The folder that is called `out` on a command line; raises `BadOption` where something is there already."""
    folder = Path(out).expanduser()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadOption(f"-o {out}: something is there already; name a folder that is new or empty")
    return folder


def replace(file: Path, write: Callable[[Path], Any]) -> None:
    """Have `write` make `file` under another name, sync it, and put it in place in one instant.

    A link in its place is replaced, not followed; what is neither a link nor a file is let alone.
    """
    unfinished = file.with_name(f".{file.name}.tmp{file.suffix}")
    with writing(file):
        if file.exists() and not file.is_file() and not file.is_symlink():
            raise OSError(errno.EINVAL, "it is there and is no file", str(file))
        try:
            unfinished.unlink(missing_ok=True)
            os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            write(unfinished)
            sync(unfinished)
            os.replace(unfinished, file)
            sync(file.parent)
        finally:
            unfinished.unlink(missing_ok=True)


def append(file: Path, text: str) -> None:
    """Add `text` to a file; a link in its place is refused."""
    with writing(file), open(file, "a", encoding="utf-8", opener=_unlinked) as lines:
        lines.write(text)


def _unlinked(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of files, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Turn what the disk refuses into one line that names the file."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadRun(f"{file} cannot be written: {reason}") from error
