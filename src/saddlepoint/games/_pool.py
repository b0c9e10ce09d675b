"""Fakes of earlier steps, so that a discriminator does not forget what it has once told apart."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from saddlepoint.draws import gathered, own_rows


class Pool(nn.Module):
    """The last `size` fakes; each new one is shown as it is, or, every other time, an old one in its place.

    Paper: Shrivastava et al. 2017, Learning from Simulated and Unsupervised Images through Adversarial Training,
    section 2.3

    What is kept is the same on all processes. A size of 0 keeps nothing.
    """

    kept: Tensor
    filled: Tensor

    def __init__(self, size: int, shape: Sequence[int]) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("kept", torch.zeros(size, *shape))
        self.register_buffer("filled", torch.zeros((), dtype=torch.long))

    def __call__(self, fakes: Tensor) -> Tensor:
        """Fakes (B, *shape) to be shown in the place of these, which carry no graph."""
        if not self.size:
            return fakes
        new = gathered(fakes.detach().float())
        rows = torch.arange(len(new), device=new.device)
        arrived, full = self.filled + rows, self.filled >= self.size
        # Each place is chosen once at most: it does not matter in which order places are filled.
        chosen = torch.randperm(max(self.size, len(new)), device=new.device)[: len(new)]
        old = full & (chosen < self.size) & (torch.rand(len(new), device=new.device) < 0.5)
        shown = torch.where(_beside(old, new), self.kept[chosen.clamp(max=self.size - 1)], new)
        self._put(new, torch.where(old, chosen, torch.where(full, self.size, arrived)))
        return own_rows(lambda count: shown[:count], len(fakes)).to(fakes.dtype)

    def _put(self, new: Tensor, places: Tensor) -> None:
        """Keep new fakes at their places, without waiting for the device; what is outside or not finite is let go."""
        places = places.where(new.flatten(1).isfinite().all(1), self.size).clamp(max=self.size)
        source = torch.full((self.size + 1,), -1, device=new.device)
        source = source.scatter(0, places, torch.arange(len(new), device=new.device))[: self.size]
        self.kept.copy_(torch.where(_beside(source >= 0, new), new[source.clamp(min=0)], self.kept))
        self.filled.add_(len(new)).clamp_(max=self.size)


def _beside(flags: Tensor, images: Tensor) -> Tensor:
    """Flags (N,) as they go with images (N, ...)."""
    return flags.view(-1, *[1] * (images.dim() - 1))
