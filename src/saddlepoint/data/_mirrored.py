"""Pictures as they are and in the mirror."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.game import Batch
from saddlepoint.seeds import seed_of
from saddlepoint.source import Batches, Shard, Source, View

_WHOLE = Shard()


class Mirrored(View):
    """A source of images whose batches show each in the mirror half of the time; what is given, if images, alike.

    What is judged by, real and held-out samples, stays as it is, and so does the digest.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source)
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
        batches = self.inner.batches(size, seed=seed, device=device, shard=shard, even=even)
        rows, source = shard.rows(size), torch.Generator()

        def batch(index: int) -> Batch:
            heads = torch.rand(size, generator=source.manual_seed(seed_of(seed, "mirror", index))) < 0.5
            return self._turned(batches(index), heads[rows])

        return batch

    def whole(self, most: int, *, seed: int = 0, device: str | torch.device = "cpu") -> Batch:
        there = self.inner.whole(most, seed=seed, device=device)
        turned = self._turned(there, torch.ones(len(there["x"]), dtype=torch.bool))
        return {name: torch.cat([values, turned[name]]) for name, values in there.items()}

    def _turned(self, batch: Batch, which: Tensor) -> Batch:
        rows = which.view(-1, 1, 1, 1).to(batch["x"].device)
        return dict(batch) | {name: batch[name].flip(-1).where(rows, batch[name]) for name in self._keys}
