"""Pictures as they are and in the mirror."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from saddlepoint.game import Batch
from saddlepoint.seeds import seed_of
from saddlepoint.source import Batches, Labelled, Shard, Source

_WHOLE = Shard()


class Mirrored(Source):
    """A source of images whose batches show each in the mirror half of the time; what is given, if images, alike.

    What is judged by, real and held-out samples, stays as it is, and so does the digest.
    """

    def __init__(self, source: Source) -> None:
        self.spec, self.size, self.domains, self.notes = source.spec, source.size, source.domains, source.notes
        self._source = source
        self._keys = ("x", "y") if source.spec.given and source.spec.given.is_image else ("x",)

    def batches(
        self,
        size: int,
        *,
        seed: int = 0,
        device: str | torch.device = "cpu",
        shard: Shard = _WHOLE,
        even: bool = False,
    ) -> Batches:
        batches = self._source.batches(size, seed=seed, device=device, shard=shard, even=even)
        rows, source = shard.rows(size), torch.Generator()

        def batch(index: int) -> Batch:
            heads = torch.rand(size, generator=source.manual_seed(seed_of(seed, "mirror", index))) < 0.5
            return self._turned(batches(index), heads[rows])

        return batch

    def whole(self, most: int, *, seed: int = 0, device: str | torch.device = "cpu") -> Batch:
        there = self._source.whole(most, seed=seed, device=device)
        turned = self._turned(there, torch.ones(len(there["x"]), dtype=torch.bool))
        return {name: torch.cat([values, turned[name]]) for name, values in there.items()}

    def _turned(self, batch: Batch, which: Tensor) -> Batch:
        rows = which.view(-1, 1, 1, 1).to(batch["x"].device)
        return dict(batch) | {name: batch[name].flip(-1).where(rows, batch[name]) for name in self._keys}

    @property
    def labelled(self) -> Source | None:
        return self._source.labelled

    def real(self, count: int, *, seed: int = 0) -> Labelled:
        return self._source.real(count, seed=seed)

    def held_out(self) -> Labelled | None:
        return self._source.held_out()

    def counterparts(self) -> Labelled | None:
        return self._source.counterparts()

    def fingerprint(self) -> dict[str, Any]:
        return self._source.fingerprint()
