"""A discriminator that sees changed samples, and is penalised for its slope at the unchanged ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from saddlepoint.duel import Discriminator, Duel, Featured
from saddlepoint.errors import BadOption

Change = Callable[[Tensor], Tensor]


def before_changed(duel: Duel, change: Change) -> Duel:
    """`duel` before a discriminator of changed samples, changed anew each time it looks."""

    def changed(x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return change(x)

    of = _ChangedFeatured if isinstance(duel.discriminator, Featured) else _Changed
    return duel.before(of(duel.discriminator, changed))


def images(x: Tensor, regularizer: str) -> Tensor:
    """`x` in 32 bits at least; raises `BadOption` unless it is images (B, C, H, W)."""
    if x.dim() != 4:
        raise BadOption(
            f"{regularizer} wants images (B, C, H, W), got samples {tuple(x.shape[1:])}; leave it out for this data"
        )
    return x.to(torch.promote_types(x.dtype, torch.float32))


class _Changed:
    def __init__(self, discriminator: Discriminator, change: Change) -> None:
        self._inner, self._change = discriminator, change

    def __call__(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self._inner(self._change(x), y)


class _ChangedFeatured(_Changed, Featured):
    _inner: Featured

    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self._inner.features(self._change(x), y)

    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        return self._inner.judge(features, y)
