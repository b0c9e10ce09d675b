"""What a form of samples is: how ones of a `Spec` are read from a command line, judged, and which recipes suit them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from saddlepoint.spec import Keeps, Spec


@dataclass(frozen=True)
class Form(ABC):
    """Samples of a `spec` as others meet them.

    `asked` says how somebody tells one that is given, `given` which recipes suit samples that it is given for, `judged`
    the features in which labelled ones are compared.
    """

    spec: Spec
    asked: str = ""
    given: str = ""
    judged: Literal["classifier", "values"] = "values"

    @property
    @abstractmethod
    def kinds(self) -> tuple[str, ...]:
        """Which recipes suit them, the most special first."""

    @abstractmethod
    def read(self, told: str, keeps: Keeps = "nothing") -> Tensor:
        """What is given, (N, *spec.shape) in own units, as somebody tells it, of which samples `keeps` something.

        Raises `BadData` or `BadOption` for what is none.
        """

    def shrunken_by(self, largest: int) -> int:
        """How many times sides are to be averaged down so that none is above `largest`."""
        return 1
