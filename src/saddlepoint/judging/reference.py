"""Real samples to judge by: equally many twice over, so that every score has beside it what real data gets."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from saddlepoint.errors import BadOption
from saddlepoint.extractor import Array, Extractor
from saddlepoint.features.classifier import Reader, classifier, most_of
from saddlepoint.machine import room
from saddlepoint.source import Labelled, Source

_MOST, _MOST_HELD_OUT = 2000, 10_000


class Reference:
    """A source as what samples are compared with, in the features of `extractor`.

    `real` are `count` samples that fakes are compared with, `other` as many different ones: what a perfect model would
    draw. Where there are not enough samples for both, `other` has fewer. Without a `count` it is half of what there is,
    `most` at most: some metrics take the square of their number. The choice does not depend on any run's seed. Raises
    `BadOption` for a count that cannot be had.
    """

    def __init__(self, source: Source, extractor: Extractor, count: int | None = None, *, most: int = _MOST) -> None:
        self.source, self.extractor = source, extractor
        self.count = self._half(most) if count is None else count
        if self.count < 1 or (source.size is not None and self.count > source.size):
            limit = f" and at most the {source.size:,} that the reference has" if source.size else ""
            raise BadOption(f"--samples: wanted at least 1 sample{limit}, got {count}")

        if (needed := 16 * self.count * source.spec.size) > room.left():
            raise BadOption(f"--samples: {self.count:,} take about {needed / 2**30:,.1f} GiB of memory; take fewer")

    def _half(self, most: int) -> int:
        size = self.source.size
        if size is None:
            return most
        held = len(self.held_out.x) if self.held_out else 0
        return max(min(most, (size + held) // 2, size), 1)

    @property
    def shape(self) -> tuple[int, ...]:
        """That of a sample in own units."""
        columns = self.source.units.columns
        return (len(columns),) if columns else self.source.spec.shape

    @cached_property
    def real(self) -> Labelled:
        """`count` samples of the training data."""
        return self._shuffled[0]

    @cached_property
    def other(self) -> Labelled:
        """Samples of the same data that are not among `real`: those that training never sees come first."""
        return self._shuffled[1]

    @property
    def asked(self) -> Labelled:
        """At most `count` samples for whose like a model is asked: those that training never sees if there are any."""
        return (self.held_out or self.other).rows(slice(self.count))

    @cached_property
    def training(self) -> Labelled:
        """The training data: 60,000 samples and a gibibyte of float32 at most."""
        return self.source.real(most_of(self.source))

    @cached_property
    def held_out(self) -> Labelled | None:
        """At most 10,000 samples that training never sees, in random order; None where there are none."""
        held = self.source.held_out()
        if held is None:
            return None
        order = torch.randperm(len(held.x), generator=torch.Generator().manual_seed(0))[:_MOST_HELD_OUT]
        return held.rows(order)

    @cached_property
    def real_features(self) -> Array:
        return self.features(self.real.x)

    @cached_property
    def training_features(self) -> Array:
        return self.features(self.training.x)

    @cached_property
    def held_out_features(self) -> Array | None:
        return None if self.held_out is None else self.features(self.held_out.x)

    @cached_property
    def reader(self) -> Reader:
        """The classifier of the reference's own labels; raises `BadData` where there are no two classes."""
        return self.extractor if isinstance(self.extractor, Reader) else classifier(self.source.labelled or self.source)

    def features(self, x: Tensor) -> Array:
        """The features (N, F) of samples x (N, *shape)."""
        return self.extractor(x.cpu().numpy())

    @cached_property
    def _shuffled(self) -> tuple[Labelled, Labelled]:
        count, source = self.count, self.source
        if source.size is None:
            return source.real(count, seed=0), source.real(count, seed=1)
        drawn, held = source.real(min(source.size, 2 * count), seed=0), self.held_out
        rest = drawn.rows(slice(count, None))
        if held is not None:
            rest = held.followed_by(rest)
        return drawn.rows(slice(count)), rest.rows(slice(count))
