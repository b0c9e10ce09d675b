"""A finite set too large for memory, read ahead by other processes."""

from __future__ import annotations

import atexit
import signal
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from joblib import cpu_count
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from saddlepoint.errors import BadData
from saddlepoint.game import Batch
from saddlepoint.seeds import seed_of
from saddlepoint.source import Batches, Labelled, Order, Shard, Source, _Epochs, by_class, seen
from saddlepoint.spec import Spec

# By a sample's name: that of a file, or whatever else tells what to read.
Read = Callable[[Any], NDArray[np.uint8]]
_Wanted = tuple[list[int], list[Any]]
_Made = tuple[list[int], NDArray[np.uint8], NDArray[np.uint8] | None]

_MOST_WORKERS = 8
_KILLED = (
    "a process that reads images ahead was ended by the system, which most often lacks memory; "
    "take smaller images (--data.size), or end other programs, and go on from the last checkpoint"
)
_WHOLE = Shard()


class Streamed(Source):
    """A finite set whose samples are read when they are needed; its batches equal `Stored`'s, bit for bit.

    `read(name)` gives a sample as uint8 of the spec's shape or raises `BadData`; it must survive being sent to
    other processes. So does `given(name)` with what the sample is given; else `y` are the labels of all, if they have
    any. `kept` are the indices to train on, `held` those held out, of which `held_out` gives at most `most_held`;
    `twins` are places among those, as in `Stored`. `identity` are the plain values that tell the data from other data.
    """

    def __init__(
        self,
        spec: Spec,
        read: Read,
        names: Sequence[Any],
        kept: Tensor,
        held: Tensor,
        y: Tensor | None = None,
        *,
        given: Read | None = None,
        twins: tuple[Tensor, Tensor] | None = None,
        most_held: int,
        identity: Mapping[str, Any],
    ) -> None:
        if len(kept) == 0:
            raise BadData("there are no samples to train on")
        self.spec, self.size = spec, len(kept)
        self._read, self._names, self._kept, self._held, self._y = read, names, kept, held, y
        self._given, self._twins, self._most_held, self._identity = given, twins, most_held, dict(identity)
        self._shown: Labelled | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def batches(
        self,
        size: int,
        *,
        seed: int = 0,
        device: str | torch.device = "cpu",
        shard: Shard = _WHOLE,
        even: bool = False,
    ) -> Batches:
        workers = max(1, min(_MOST_WORKERS, cpu_count() // shard.world))
        y = None if self._y is None else self._y[self._kept]
        groups = [self._kept[places] for places in by_class(y, self.spec)] if even else [self._kept]
        ahead = _Ahead(
            _Reading(self._read, self._given), _Ordered(self._names, Order(groups, size, seed, shard)), workers
        )

        def batch(index: int) -> Batch:
            chosen, pixels, given = ahead(index)
            made = {"x": seen(torch.from_numpy(pixels).to(device))}
            if given is not None:
                return made | {"y": seen(torch.from_numpy(given).to(device))}
            return made if self._y is None else made | {"y": self._y[chosen].to(device)}

        return batch

    def real(self, count: int, *, seed: int = 0) -> Labelled:
        epochs = _Epochs(len(self), seed_of(seed, "real"), torch.device("cpu"))
        return self._labelled(self._kept[epochs(0, min(count, len(self)))])

    def held_out(self) -> Labelled | None:
        if len(self._held) == 0:
            return None
        if self._shown is None:
            order = torch.randperm(len(self._held), generator=torch.Generator().manual_seed(seed_of("held out")))
            self._shown = self._labelled(self._held[order[: self._most_held].sort().values])
        return self._shown

    def counterparts(self) -> Labelled | None:
        if self._twins is None:
            return None
        x, y = (self._labelled(self._held[places[: self._most_held]]).x for places in self._twins)
        return Labelled(x, y)

    def _labelled(self, chosen: Tensor) -> Labelled:
        names = [self._names[i] for i in chosen]
        x = stacked(self._read, names, self.spec.shape)
        if self._given is not None and self.spec.given is not None:
            return self.own(x, stacked(self._given, names, self.spec.given.shape))
        return self.own(x, None if self._y is None else self._y[chosen])

    def fingerprint(self) -> dict[str, Any]:
        return {"samples": len(self), "held_out": len(self._held), **self._identity}


def stacked(read: Read, names: Sequence[Any], shape: tuple[int, ...]) -> Tensor:
    """The samples `names` as one uint8 tensor (N, *shape), read by several threads."""
    x = torch.empty((len(names), *shape), dtype=torch.uint8)
    with ThreadPoolExecutor(cpu_count()) as pool:
        for row, pixels in zip(x.numpy(), pool.map(read, names), strict=True):
            row[...] = pixels
    return x


class _Ordered(Sampler[_Wanted]):
    """Which samples are in the batches `start`, `start` + 1, ... of one process: their indices and names."""

    def __init__(self, names: Sequence[Any], order: Order) -> None:
        self._names, self._order, self.start = names, order, 0

    def __iter__(self) -> Iterator[_Wanted]:
        index = self.start
        while True:
            chosen = self._order(index).tolist()
            yield chosen, [self._names[i] for i in chosen]
            index += 1


class _Reading(Dataset[Any]):
    """Reads whole batches in a worker; an error comes back as a value, which keeps it one line."""

    def __init__(self, read: Read, given: Read | None) -> None:
        self._read, self._given = read, given

    def __getitem__(self, wanted: _Wanted) -> _Made | BadData:
        chosen, names = wanted
        try:
            made = np.stack([self._read(name) for name in names])
            return chosen, made, np.stack([self._given(name) for name in names]) if self._given else None
        except BadData as error:
            return error


class _Ahead:
    """Batches read ahead by workers, which are started when first needed and anew when the index jumps."""

    def __init__(self, reading: _Reading, order: _Ordered, workers: int) -> None:
        self._order, self._next = order, 0
        # Its own generator, for a loader draws from the global one otherwise. Arrays, not tensors, come back:
        # they need no shared memory, of which containers have little.
        self._loader = DataLoader(
            reading,
            batch_size=None,
            sampler=order,
            num_workers=workers,
            collate_fn=_unchanged,
            generator=torch.Generator(),
        )
        # Held by the finalizer too, so that a garbage collector that meets this object in a cycle does not take
        # the loader's queues from it before its workers have been told to end.
        self._running: list[Iterator[_Made | BadData]] = []
        weakref.finalize(self, self._running.clear)
        _all.add(self)

    def __call__(self, index: int) -> _Made:
        if not self._running or index != self._next:
            self._start(index)
        made = self._following()
        if isinstance(made, BadData):
            self.close()
            raise made
        self._next = index + 1
        return made

    def _following(self) -> _Made | BadData:
        try:
            return next(self._running[0])
        except RuntimeError as error:
            if "DataLoader worker" not in str(error):
                raise
            return BadData(_KILLED)

    def _start(self, index: int) -> None:
        self.close()
        self._order.start = self._next = index
        with _no_handler_left(), warnings.catch_warnings():
            # Newer Pythons warn of any fork of a process with threads. The workers only decode.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._running.append(iter(self._loader))

    def close(self) -> None:
        """Ends the workers, which is what letting go of the iterator does."""
        self._running.clear()


@contextmanager
def _no_handler_left() -> Iterator[None]:
    """Takes back the loader's handler of the end of a worker, which raises wherever the program happens to be.

    Without it the loader finds out by itself, within seconds, when its next batch is asked for.
    """
    main = threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGCHLD")
    before = signal.getsignal(signal.SIGCHLD) if main else None
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGCHLD, before)


_all: weakref.WeakSet[_Ahead] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    # Once the interpreter is ending, a loader leaves its workers to a slow clean-up.
    for ahead in list(_all):
        ahead.close()


def _unchanged(made: Any) -> Any:
    return made
