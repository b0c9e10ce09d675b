"""A task: what is left of a sample is what the sample is asked for by. Any source may be seen through one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from saddlepoint.errors import BadData
from saddlepoint.game import Batch
from saddlepoint.seeds import seed_of
from saddlepoint.source import Batches, Labelled, Shard, Source, View
from saddlepoint.spec import Keeps, Spec

Leave = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True)
class Task:
    """`leave(x, generator)` leaves of samples x (B, *shape) what is given, (B, *given.shape), each as networks see it.

    What it draws comes from the generator, which is of the CPU wherever x is, and is drawn sample by sample: what is
    left of a sample depends on its place in the batch, not on the others. A sample `keeps` of what is given its
    "lightness", or its "places" that are not transparent. `identity` are the plain values that tell it from others.
    """

    given: Spec
    leave: Leave
    keeps: Keeps = "nothing"
    identity: Mapping[str, Any] = field(default_factory=dict)


def pictures(spec: Spec, task: str) -> tuple[int, int, int]:
    """Channels, height and width of images; raises `BadData` for other samples than `task` is for."""
    if not spec.is_image:
        got = f"vectors of {spec.size} numbers" if len(spec.shape) == 1 else f"samples of {_x(spec.shape)}"
        raise BadData(f"task {task} wants images, got {got}; leave --task out, or give a folder of pictures")
    if spec.bounds != (-1.0, 1.0):
        raise BadData(f"task {task} wants images whose values have bounds, -1 and 1 as networks see them")
    channels, height, width = spec.shape
    return channels, height, width


def _x(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


class Derived(View):
    """The samples of a source, `inner`, each asked for by what a task leaves of it instead of a label.

    Raises `BadData` where something is given already.
    """

    def __init__(self, inner: Source, task: Task) -> None:
        if inner.spec.given:
            raise BadData("a task is for pictures alone, and of these another is given already; leave --task out")
        super().__init__(inner)
        self.task = task
        self.spec = replace(inner.spec, classes=(), shares=(), given=task.given, keeps=task.keeps)

    def batches(
        self,
        size: int,
        *,
        seed: int = 0,
        device: str | torch.device = "cpu",
        shard: Shard = Shard(),
        even: bool = False,
    ) -> Batches:
        drawn = self.inner.batches(size, seed=seed, device=device, shard=shard, even=even)
        rows, source = shard.rows(size), torch.Generator()

        def batch(index: int) -> Batch:
            x = drawn(index)["x"]
            source.manual_seed(seed_of(seed, "task", index))
            return {"x": x, "y": self._left_of_some(x, rows, size, source)}

        return batch

    def _left_of_some(self, x: Tensor, rows: slice, size: int, source: torch.Generator) -> Tensor:
        """What is left of some rows of a batch of so many: as if all were there, so that every process draws alike."""
        if len(x) == size:
            return self.task.leave(x, source)
        whole = x.new_zeros(size, *x.shape[1:])
        whole[rows] = x
        return self.task.leave(whole, source)[rows]

    def whole(self, most: int, *, seed: int = 0, device: str | torch.device = "cpu") -> Batch:
        x = self.inner.whole(most, seed=seed, device=device)["x"]
        return {"x": x, "y": torch.cat(self._left_in_parts(x, seed_of(seed, "task", "whole")))}

    def real(self, count: int, *, seed: int = 0) -> Labelled:
        return self._asked(self.inner.real(count, seed=seed), seed_of(seed, "task", "real"))

    def held_out(self) -> Labelled | None:
        held = self.inner.held_out()
        return None if held is None else self._asked(held, seed_of("task", "held out"))

    def _asked(self, samples: Labelled, seed: int) -> Labelled:
        """Samples in own units with what is left of them in the place of their labels."""
        own, parts = self.task.given.units.own, self._left_in_parts(self.units.seen(samples.x), seed)
        return Labelled(samples.x, torch.cat([own(part) for part in parts]), samples.y)

    def _left_in_parts(self, x: Tensor, seed: int) -> list[Tensor]:
        """What is left of many samples, a part at a time for the memory that this takes."""
        parts = x.split(_PART)
        return [self.task.leave(part, torch.Generator().manual_seed(seed_of(seed, i))) for i, part in enumerate(parts)]

    def fingerprint(self) -> dict[str, Any]:
        return {**self.inner.fingerprint(), "task": dict(self.task.identity)}


_PART = 256
