"""How near the samples of latents are to given ones, where these are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, softplus

from saddlepoint.errors import Unfit
from saddlepoint.game import Discerns
from saddlepoint.latent._search import Decoding, Shell, searched
from saddlepoint.training.precision import Precision, pays

# What a place far from any hole counts, beside one whose window is all missing; numbers that are searched for at once.
_FAR, _AT_ONCE = 0.2, 2**18


class Nearest(NamedTuple):
    """Latents (N, latent), how far their samples are (N,), as networks see them, and of which candidates (N,)."""

    z: Tensor
    errors: Tensor
    candidate: Tensor


@dataclass(frozen=True)
class Match:
    """Given samples x (N, *shape), as networks see them, and what each of their numbers counts, `weight` (N, *shape).

    The loss of a latent is the weighted sum of absolute differences, and `prior_weight` times softplus(-s), s the
    discriminator's score of its sample.
    """

    game: Decoding
    x: Tensor
    weight: Tensor
    prior_weight: float

    def nearest(
        self, candidates: Sequence[Tensor], labels: Sequence[Tensor | None], *, steps: int, rate: float
    ) -> Nearest:
        """The best of searches from `candidates` (N, latent), each with samples of its `labels` (N,)."""
        z, y = torch.cat(list(candidates)), _joined(labels)
        shell, parts = Shell.of(self.game), max(1, _AT_ONCE // self.x[0].numel())
        found, errors = [], []
        for rows in torch.arange(len(z), device=z.device).split(parts):
            part = self._of(rows % len(self.x), None if y is None else y[rows])
            found.append(searched(part.loss, z[rows], shell, steps, rate))
            errors.append(part.error(found[-1]))
        far, every = (
            torch.cat(errors).view(len(candidates), -1),
            torch.cat(found).view(len(candidates), len(self.x), -1),
        )
        candidate = far.argmin(0)
        row = torch.arange(len(self.x), device=z.device)
        return Nearest(every[candidate, row], far[candidate, row], candidate)

    def _of(self, rows: Tensor, y: Tensor | None) -> _Part:
        scored = self.prior_weight > 0 and _discerning(self.game, self.x[:2], y)
        return _Part(self.game, self.x[rows], self.weight[rows], self.prior_weight if scored else 0.0, y)


@dataclass(frozen=True)
class _Part:
    """Some rows of a match: x and weight (B, *shape), asked for by y (B, ...)."""

    game: Decoding
    x: Tensor
    weight: Tensor
    prior_weight: float
    y: Tensor | None

    def loss(self, z: Tensor) -> Tensor:
        """The loss (B,) of latents z (B, latent)."""
        with Precision(pays(self.game, z.device)).context(z.device):
            made = self.game.decode(z, self.y)
            context = (self.weight * (made.float() - self.x).abs()).flatten(1).sum(1)
            if not self.prior_weight:
                return context
            assert isinstance(self.game, Discerns)
            return context + self.prior_weight * softplus(-self.game.discern(made, self.y).float())

    def error(self, z: Tensor) -> Tensor:
        """The weighted mean absolute difference (B,) of the samples of latents z (B, latent)."""
        with torch.no_grad():
            far = self.weight * (self.game.decode(z, self.y) - self.x).abs()
        return far.flatten(1).sum(1) / self.weight.flatten(1).sum(1).clamp_min(1e-12)


def weight_of(known: Tensor, reach: int) -> Tensor:
    """What each number counts, (N, *shape) as `known`, whose holes are 0; of images, more near a hole.

    Of an image's place that is known, the share of its window, `reach` places to each side, that is missing, plus a
    fifth.

    Paper: Yeh et al. 2017, equation 3
    """
    if known.dim() != 4 or reach == 0:
        return known
    missing = avg_pool2d(1 - known, 2 * reach + 1, 1, reach, count_include_pad=False)
    return known * (_FAR + missing)


def _discerning(game: Decoding, x: Tensor, y: Tensor | None) -> bool:
    """Whether a game has a discriminator that scores samples one by one."""
    if not isinstance(game, Discerns):
        return False
    try:
        with torch.no_grad():
            game.discern(x, None if y is None else y[: len(x)])
    except Unfit:
        return False
    return True


def _joined(labels: Sequence[Tensor | None]) -> Tensor | None:
    given = [y for y in labels if y is not None]
    return torch.cat(given) if given else None
