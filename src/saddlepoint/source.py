"""Where samples come from: a `Source` says what they are, in which units, and hands out batches.

A batch is a function of the seed and its index alone, so that a resumed run meets the same batches.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from saddlepoint.errors import BadData
from saddlepoint.game import Batch
from saddlepoint.seeds import seed_of
from saddlepoint.spec import Spec, Units

Batches = Callable[[int], Batch]


class Modes(NamedTuple):
    """The truth of a toy, in its own units: the modes' `means` (K, D) and the standard deviation `std` of each."""

    means: Tensor
    std: float


class _Pair(NamedTuple):
    x: Tensor
    y: Tensor | None


class Labelled(_Pair):
    """Samples x in own units (N, ...), and y, what they are asked for by: labels (N,), or what is given (N, ...).

    Where something is given, `label` are their classes (N,), if these are known: no part of the pair.
    """

    label: Tensor | None

    def __new__(cls, x: Tensor, y: Tensor | None, label: Tensor | None = None) -> Labelled:
        made = super().__new__(cls, x, y)
        made.label = label
        return made

    def rows(self, rows: slice | Tensor) -> Labelled:
        """Some of the samples."""
        y, label = (None if part is None else part[rows] for part in (self.y, self.label))
        return Labelled(self.x[rows], y, label)

    def followed_by(self, others: Labelled) -> Labelled:
        """These samples and then others."""
        parts = ((self.y, others.y), (self.label, others.label))
        y, label = (None if a is None or b is None else torch.cat([a, b]) for a, b in parts)
        return Labelled(torch.cat([self.x, others.x]), y, label)


@dataclass(frozen=True)
class Shard:
    """Which rows of each batch are this process's: the `rank`-th of `world` equal runs of rows."""

    rank: int = 0
    world: int = 1

    def rows(self, size: int) -> slice:
        """The rows of a batch of `size`; raises `BadData` when it cannot be divided."""
        if size % self.world:
            raise BadData(f"a batch of {size} cannot be divided among {self.world} processes; take a multiple")
        own = size // self.world
        return slice(self.rank * own, (self.rank + 1) * own)


class Source(ABC):
    """Samples to learn from: `size` of them, None where there is no end; `modes` is the truth where it is known.

    `domains` says that samples are of two domains, the classes where they have any, between which they may be
    translated. `channels` is the labelled source that each channel of an image is of, where they are such.
    """

    spec: Spec
    size: int | None = None
    modes: Modes | None = None
    domains: bool = False
    channels: Source | None = None
    notes: Sequence[str] = ()

    @property
    def units(self) -> Units:
        """The way to the data's own units."""
        return self.spec.units

    @property
    def labelled(self) -> Source | None:
        """The same samples with their classes, at least two, where these are known."""
        return self if len(self.spec.classes) > 1 else None

    @property
    def means(self) -> Tensor | None:
        """The true modes' means (K, D) in own units, where known."""
        return self.modes.means if self.modes else None

    @property
    def std(self) -> float | None:
        """The true standard deviation of each mode in own units, where known."""
        return self.modes.std if self.modes else None

    @abstractmethod
    def batches(
        self,
        size: int,
        *,
        seed: int = 0,
        device: str | torch.device = "cpu",
        shard: Shard = Shard(),
        even: bool = False,
    ) -> Batches:
        """A function from a batch's index to the batch: `x` (B, *shape) as networks see it, and what it is asked by.

        That is `y` (B,) where the data is labelled, or what is given (B, *given.shape), also as networks see it.
        `size` counts all processes together; the batch holds this `shard`'s rows. Where it is `even`, it holds as many
        of each class, in turn, and each class has epochs of its own. Raises `BadData` for a size that cannot be
        divided so.
        """

    def whole(self, most: int, *, seed: int = 0, device: str | torch.device = "cpu") -> Batch:
        """All of the training data as one batch, in all its digits, or `most` samples of data without end."""
        return self.batches(self.size or most, seed=seed, device=device)(0)

    @abstractmethod
    def real(self, count: int, *, seed: int = 0) -> Labelled:
        """At most `count` samples of the training data, in own units."""

    def held_out(self) -> Labelled | None:
        """Samples that training never sees, in own units; None where there are none."""
        return None

    def counterparts(self) -> Labelled | None:
        """Held-out samples x of class 0 and what each is in class 1, y (N, *shape), both in own units.

        None where that is not known. Training never uses it: it is the truth that a translation is judged by.
        """
        return None

    def own(self, x: Tensor, y: Tensor | None) -> Labelled:
        """Samples as they are stored, with what they are asked for by, in own units."""
        given = self.spec.given
        return Labelled(self.units.own(seen(x)), y if y is None or given is None else given.units.own(seen(y)))

    @abstractmethod
    def fingerprint(self) -> dict[str, Any]:
        """What tells this data from other data, in plain values: sizes, classes, a hash of the content."""

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits that tell this data, and how it is read, from other data."""
        told = [self.spec.as_dict(), self.units.as_dict(), self.fingerprint()]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


class View(Source):
    """The samples of another source, `inner`, seen in another way; what is not said otherwise is as there."""

    def __init__(self, inner: Source) -> None:
        self.inner, self.spec, self.size, self.modes = inner, inner.spec, inner.size, inner.modes
        self.domains, self.notes = inner.domains, inner.notes

    @property
    def labelled(self) -> Source | None:
        """The same samples with their classes, as they are, where these are known."""
        return self.inner.labelled

    def real(self, count: int, *, seed: int = 0) -> Labelled:
        return self.inner.real(count, seed=seed)

    def held_out(self) -> Labelled | None:
        return self.inner.held_out()

    def counterparts(self) -> Labelled | None:
        return self.inner.counterparts()

    def fingerprint(self) -> dict[str, Any]:
        return self.inner.fingerprint()


def shares_of(y: Tensor, classes: int) -> tuple[float, ...]:
    """The share of each class among labels (N,)."""
    return tuple((torch.bincount(y, minlength=classes).double() / len(y)).tolist())


class Stored(Source):
    """A finite set held in memory: uint8 images (N, C, H, W) or vectors (N, D) as networks see them.

    What they are asked for by is stored in the same way, or is labels (N,). Vectors of 64 bits stay so in own units
    and for what is fitted to the `whole`; batches are of 32. `twins` are places (P,) among the held-out samples, those
    of class 0 and those of their counterparts, where these are known.

    Each epoch is a fresh permutation; a batch may straddle two, so that no sample is left out.
    """

    def __init__(
        self,
        spec: Spec,
        x: Tensor,
        y: Tensor | None = None,
        held_x: Tensor | None = None,
        held_y: Tensor | None = None,
        *,
        twins: tuple[Tensor, Tensor] | None = None,
    ) -> None:
        if len(x) == 0:
            raise BadData("there are no samples to train on")
        self.spec, self.size = spec, len(x)
        self._x, self._y, self._held_x, self._held_y, self._twins = x, y, held_x, held_y, twins

    def __len__(self) -> int:
        return len(self._x)

    def batches(
        self,
        size: int,
        *,
        seed: int = 0,
        device: str | torch.device = "cpu",
        shard: Shard = Shard(),
        even: bool = False,
    ) -> Batches:
        x, y = _single(self._x).to(device), None if self._y is None else _single(self._y).to(device)
        groups = by_class(self._y, self.spec) if even else [torch.arange(len(x))]
        order = Order([group.to(device) for group in groups], size, seed, shard)
        return lambda index: _rows(x, y, order(index))

    def whole(self, most: int, *, seed: int = 0, device: str | torch.device = "cpu") -> Batch:
        order = Order([torch.arange(len(self))], len(self), seed, Shard())
        batch = _rows(self._x, self._y, order(0))
        return {name: values.to(device) for name, values in batch.items()}

    def real(self, count: int, *, seed: int = 0) -> Labelled:
        chosen = _Epochs(len(self), seed_of(seed, "real"), self._x.device)(0, min(count, len(self)))
        return self.own(self._x[chosen], None if self._y is None else self._y[chosen])

    def held_out(self) -> Labelled | None:
        if self._held_x is None or len(self._held_x) == 0:
            return None
        return self.own(self._held_x, self._held_y)

    def counterparts(self) -> Labelled | None:
        if self._twins is None or self._held_x is None:
            return None
        x, y = (self._held_x[places] for places in self._twins)
        return Labelled(self.units.own(seen(x)), self.units.own(seen(y)))

    def fingerprint(self) -> dict[str, Any]:
        digest = hashlib.sha256()
        for tensor in (self._x, self._y, self._held_x, self._held_y):
            if tensor is not None:
                digest.update(np.ascontiguousarray(tensor.numpy()).data)
        held = 0 if self._held_x is None else len(self._held_x)
        return {"samples": len(self), "held_out": held, "sha256": digest.hexdigest()}


def _single(stored: Tensor) -> Tensor:
    """What is stored, in 32 bits where it has 64."""
    return stored.float() if stored.dtype == torch.float64 else stored


def _rows(x: Tensor, y: Tensor | None, chosen: Tensor) -> Batch:
    made = {"x": seen(x.index_select(0, chosen))}
    return made if y is None else made | {"y": seen(y.index_select(0, chosen))}


def by_class(y: Tensor | None, spec: Spec) -> list[Tensor]:
    """The places of each class among labels (N,); raises `BadData` where there are none of one, or no classes."""
    if y is None or not spec.classes:
        raise BadData("as many samples of each class in a batch: the data has no classes; label it")
    places = [(y == place).nonzero()[:, 0] for place in range(len(spec.classes))]
    for name, found in zip(spec.classes, places, strict=True):
        if len(found) == 0:
            raise BadData(f"as many samples of each class in a batch: class {name!r} has none to train on; add some")
    return places


def seen(stored: Tensor) -> Tensor:
    """Stored samples as networks see them: uint8 becomes float32 in [-1, 1], anything else stays."""
    return stored.float().mul_(1 / 127.5).sub_(1.0) if stored.dtype == torch.uint8 else stored


class Order:
    """Which samples a shard's rows of each batch are, by the batch's index: a function of the seed.

    A batch holds as many of each of `groups`, indices of samples (N,), and each group has epochs of its own.
    """

    def __init__(self, groups: Sequence[Tensor], size: int, seed: int, shard: Shard) -> None:
        self._size = in_parts(size, len(groups), shard)
        self._rows, self._groups = shard.rows(self._size), groups
        seeds = [seed] if len(groups) == 1 else [seed_of(seed, "class", place) for place in range(len(groups))]
        self._epochs = [_Epochs(len(one), seed, one.device) for one, seed in zip(groups, seeds, strict=True)]

    def __call__(self, index: int) -> Tensor:
        start, count = index * self._size + self._rows.start, self._rows.stop - self._rows.start
        chosen = [one[epochs(start, count)] for one, epochs in zip(self._groups, self._epochs, strict=True)]
        # In turn: any part of a batch holds all groups.
        return chosen[0] if len(chosen) == 1 else torch.stack(chosen, dim=1).flatten()


def in_parts(size: int, parts: int, shard: Shard) -> int:
    """How many rows of a batch of `size` each of its `parts` has; raises `BadData` when it cannot be divided."""
    if parts > 1 and size % (parts * shard.world):
        among = f" in each of {shard.world} processes" if shard.world > 1 else ""
        raise BadData(
            f"a batch of {size} cannot hold as many of each of {parts} classes{among}; "
            f"take a multiple of {parts * shard.world}"
        )
    return size // parts


@dataclass
class _Epochs:
    """Indices of an endless sequence of permutations of `count` samples, by position."""

    count: int
    seed: int
    device: torch.device
    _known: dict[int, Tensor] = field(default_factory=dict)

    def __call__(self, start: int, size: int) -> Tensor:
        pieces = []
        while size > 0:
            epoch, offset = divmod(start, self.count)
            piece = self._permutation(epoch)[offset : offset + size]
            pieces.append(piece)
            start, size = start + len(piece), size - len(piece)
        return pieces[0] if len(pieces) == 1 else torch.cat(pieces)

    def _permutation(self, epoch: int) -> Tensor:
        if epoch not in self._known:
            if len(self._known) > 1:
                del self._known[min(self._known)]
            source = torch.Generator().manual_seed(seed_of(self.seed, "epoch", epoch))
            self._known[epoch] = torch.randperm(self.count, generator=source).to(self.device)
        return self._known[epoch]


Draw = Callable[[int, torch.Generator], tuple[Tensor, Tensor | None]]


class Drawn(Source):
    """An endless source: `draw(n, generator)` makes samples (n, *shape) as networks see them, and labels or None.

    `identity` are the plain values that tell it from other sources.
    """

    def __init__(
        self,
        spec: Spec,
        draw: Draw,
        *,
        identity: Mapping[str, Any],
        held: Draw | None = None,
        modes: Modes | None = None,
    ) -> None:
        self.spec, self.modes = spec, modes
        self._draw, self._held, self._identity = draw, held or draw, dict(identity)

    def batches(
        self,
        size: int,
        *,
        seed: int = 0,
        device: str | torch.device = "cpu",
        shard: Shard = Shard(),
        even: bool = False,
    ) -> Batches:
        draw, parts = (_evenly(self._draw, self.spec), len(self.spec.classes)) if even else (self._draw, 1)
        in_parts(size, parts, shard)
        rows, source = shard.rows(size), torch.Generator()

        def batch(index: int) -> Batch:
            x, y = draw(size, source.manual_seed(seed_of(seed, "draw", index)))
            made = {"x": x[rows].to(device)}
            return made if y is None else made | {"y": y[rows].to(device)}

        return batch

    def real(self, count: int, *, seed: int = 0) -> Labelled:
        return self._own(self._draw, count, seed_of(seed, "real"))

    def held_out(self) -> Labelled | None:
        return self._own(self._held, 2000, seed_of("held out"))

    def _own(self, draw: Draw, count: int, seed: int) -> Labelled:
        x, y = draw(count, torch.Generator().manual_seed(seed))
        return Labelled(self.units.own(x), y)

    def fingerprint(self) -> dict[str, Any]:
        return dict(self._identity)


def _evenly(draw: Draw, spec: Spec) -> Draw:
    """Draws as many samples of each class, in turn."""
    # Where a class is never drawn, drawing on would never end.
    by_class(torch.tensor([place for place, share in enumerate(spec.shares) if share > 0]), spec)

    def drawn(count: int, source: torch.Generator) -> tuple[Tensor, Tensor | None]:
        x, y = draw(count, source)
        while y is not None and int(torch.bincount(y, minlength=len(spec.classes)).min()) < count // len(spec.classes):
            more_x, more_y = draw(count, source)
            x, y = torch.cat([x, more_x]), y if more_y is None else torch.cat([y, more_y])
        chosen = torch.stack([places[: count // len(spec.classes)] for places in by_class(y, spec)], dim=1).flatten()
        return x[chosen], None if y is None else y[chosen]

    return drawn


def split_off(labels: Tensor | None, count: int, share: float, *, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Indices (kept, held out) of `count` samples, `share` in [0, 1) of them held out, by class where labelled."""
    source = torch.Generator().manual_seed(seed_of(seed, "held out"))
    order = torch.randperm(count, generator=source)
    shuffled = None if labels is None else labels[order]
    groups = [order] if shuffled is None else [order[shuffled == c] for c in shuffled.unique()]
    held = torch.cat([group[: int(len(group) * share)] for group in groups])
    kept = torch.cat([group[int(len(group) * share) :] for group in groups])
    return kept.sort().values, held.sort().values
