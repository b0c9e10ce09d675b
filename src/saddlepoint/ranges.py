"""From where to where options go: a parameter's annotation names its range.

    def ring(*, modes: Count = 8, radius: Scale = 1.0, std: Amount = 0.01) -> Source: ...

What none of these names fits says its range itself, `Annotated[int, Range(16, 1_000)]`. The ends are generous: beyond
them numbers of 32 bits overflow, memory ends, or a step never does. Like options they are read from source text, so an
end is a plain number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Range:
    """Numbers from `least` to `most`, without `most` itself where `below`."""

    least: float
    most: float
    below: bool = False

    def __contains__(self, value: float) -> bool:
        return self.least <= value and (value < self.most if self.below else value <= self.most)

    def __str__(self) -> str:
        """The range in words.

        >>> str(Range(0, 1, below=True)), str(Range(1, 100_000)), str(Range(1e-6, 10))
        ('from 0 to below 1', 'from 1 to 100,000', 'from 1e-06 to 10')
        """
        return f"from {_shown(self.least)} to {'below ' if self.below else ''}{_shown(self.most)}"


def _shown(number: float) -> str:
    return f"{int(number):,}" if number == int(number) else f"{number:g}"


# How many: modes, codes, importance samples; places along the side of a square; units of a layer, dimensions of a
# latent; layers, of which there may be none; levels or bins, of which one would tell nothing; moves in a row.
Count = Annotated[int, Range(1, 10_000)]
Width = Annotated[int, Range(1, 100_000)]
Depth = Annotated[int, Range(0, 100)]
Side = Annotated[int, Range(1, 100)]
Levels = Annotated[int, Range(2, 65_536)]
Moves = Annotated[int, Range(1, 100)]

# Steps, or every how many; where 0 means never or not at all; samples of one batch.
Steps = Annotated[int, Range(1, 1_000_000_000_000)]
Whole = Annotated[int, Range(0, 1_000_000_000_000)]
BatchSize = Annotated[int, Range(1, 1_000_000)]

# Any number that 32 bits can square; one that adds nothing at 0; one that divides, or is all there is.
Number = Annotated[float, Range(-1e6, 1e6)]
Amount = Annotated[float, Range(0, 1e6)]
Scale = Annotated[float, Range(1e-6, 1e6)]

# Of a whole: all of it may be meant, or something must be left.
Share = Annotated[float, Range(0, 1)]
ProperShare = Annotated[float, Range(0, 1, below=True)]
Minority = Annotated[float, Range(0, 0.5, below=True)]

# How far a step goes, and what keeps its divisor from 0.
Rate = Annotated[float, Range(0, 10)]
Epsilon = Annotated[float, Range(1e-16, 1)]
