"""Fakes of earlier steps, so that a discriminator does not forget what it has once told apart."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from saddlepoint.draws import finite_or, gathered, own_rows


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
        places = (self.filled + torch.arange(len(new), device=new.device)).where(self.filled < self.size, -1)
        chosen = torch.randint(self.size, (len(new),), device=new.device)
        old = (torch.rand(len(new), device=new.device) < 0.5) & (places < 0)
        shown = torch.where(old.view(-1, *[1] * (new.dim() - 1)), self.kept[chosen], new)
        put = torch.where(old, chosen, places)
        self._put(new, put)
        return own_rows(lambda rows: shown[:rows], len(fakes)).to(fakes.dtype)

    def _put(self, new: Tensor, places: Tensor) -> None:
        """Keep new fakes at their places; those of places outside are let go."""
        for fake, place in zip(new, places.tolist(), strict=True):
            if 0 <= place < self.size:
                self.kept[place] = finite_or(fake, self.kept[place])
        self.filled.add_(len(new)).clamp_(max=self.size)
