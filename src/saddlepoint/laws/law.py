"""What a law is: a function of a case that raises `Broken`. What becomes of it is a verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

import torch

from saddlepoint.errors import Broken, SaddlepointError, one_line

State = Literal["kept", "broken", "refused"]


class Case(Protocol):
    """A thing as a law meets it; `on` says, in words, what it was made of and for."""

    @property
    def on(self) -> str: ...


C = TypeVar("C", bound=Case)


class Verdict(NamedTuple):
    """What became of a `law` before a thing made of and for `on`; `words` say what was wanted, and what came."""

    state: State
    law: str
    on: str
    words: str = ""

    def __str__(self) -> str:
        told = f"{self.state:<7}  {self.law}  [{self.on}]"
        return f"{told}: {self.words}" if self.words else told


@dataclass(frozen=True)
class Refusal:
    """What a thing said instead of being made `on` something: the `error` it raised."""

    on: str
    error: Exception

    @property
    def verdict(self) -> Verdict:
        """Whether it says what it wants in one line."""
        said = str(self.error)
        if isinstance(self.error, SaddlepointError) and "want" in said and "\n" not in said:
            return Verdict("refused", _REFUSES, self.on, said)
        return Verdict(
            "broken", _REFUSES, self.on, f"wanted BadData or BadOption and 'wants' in one line, got {_told(self.error)}"
        )


_REFUSES = "it takes a spec or says what it wants"


@dataclass(frozen=True)
class Law(Generic[C]):
    """`holds(case)` raises `Broken` where a case does not keep it; it concerns those cases that `of` says."""

    holds: Callable[[C], None]
    of: Callable[[C], bool] = lambda case: True

    @property
    def name(self) -> str:
        """The function's name in words."""
        return self.holds.__name__.replace("_", " ")

    def concerns(self, case: C) -> bool:
        """Whether it is about a case; what cannot be told, the law itself will tell."""
        try:
            return self.of(case)
        except Exception:
            return True

    def hold(self, case: C) -> None:
        """Raises `Broken` with the law, what was wanted and what came, and on what."""
        try:
            with _apart():
                self.holds(case)
        except Exception as error:
            words = str(error) if isinstance(error, Broken) else f"wanted no error, got {_told(error)}"
            raise Broken(f"{self.name}: {one_line(words)} [{case.on}]") from error

    def verdict(self, case: C) -> Verdict:
        """Whether a case keeps it."""
        try:
            self.hold(case)
        except Broken as error:
            words = str(error).removeprefix(f"{self.name}: ").removesuffix(f" [{case.on}]")
            return Verdict("broken", self.name, case.on, words)
        return Verdict("kept", self.name, case.on)


def demand(holds: bool, wanted: str, got: object = "something else") -> None:
    """Raises `Broken` unless it `holds`."""
    if not holds:
        raise Broken(f"wanted {wanted}, got {got}")


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {one_line(error)}"


@contextlib.contextmanager
def _apart() -> Iterator[None]:
    """Random numbers that are the same for each law, and nobody else's afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield
