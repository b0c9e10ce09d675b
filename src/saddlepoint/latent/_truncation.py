"""Samples nearer to the middle of what a model makes: more typical ones, of less variety."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite

import torch
from torch import Tensor

from saddlepoint.errors import BadOption, BadRun
from saddlepoint.game import Codes, Decodes, Game, Player, Samples, Styles, asks
from saddlepoint.latent._classes import labels_of
from saddlepoint.latent._rows import DRAWN
from saddlepoint.latent._search import decoding
from saddlepoint.saved.model import Model

_ROUNDS = 1_000


def truncated(model: Model, *, psi: float = 1.0, threshold: float | None = None) -> Model:
    """The model whose latents are drawn nearer to the middle: its samples are more typical, and less various.

    Paper: Karras et al. 2019, A Style-Based Generator Architecture for GANs, appendix B (`psi`); Brock et al. 2019,
    Large Scale GAN Training for High Fidelity Natural Image Synthesis, section 3.1 (`threshold`)

    Of a model with styles `psi` scales how far they are from their mean, of each class its own; of another, latents. At
    1 nothing changes, at 0 all samples are one. Numbers of a latent beyond `threshold` deviations of the prior are
    drawn again, of a prior that draws each number alone. Raises `BadRun` for a model that decodes no latents, or whose
    latents hold codes.
    """
    game: Game = decoding(model)
    if isinstance(game, Codes) and game.codes:
        raise BadRun(f"the latents of a {type(game).__name__} hold codes, which have no middle; ask for them by code")
    if isinstance(game, Styles) and asks(game):
        raise BadRun("styles have a mean of each class, and this model is asked for by something else; leave it whole")
    if not isfinite(psi):
        raise BadOption(f"truncation: wanted a number such as 0.7, got {psi}")
    if threshold is not None and not 0 < threshold < inf:
        raise BadOption(f"threshold: wanted more than 0 deviations, got {threshold:g}")
    return Model(Truncated(game, psi, threshold), model.spec, model.step)


class Truncated(Game, Samples, Decodes):
    """A game whose samples are truncated; nothing of it is trained."""

    def __init__(self, game: Game, psi: float, threshold: float | None) -> None:
        super().__init__()
        self.inner, self.psi, self.threshold = game, psi, threshold
        self.classes = game.classes if isinstance(game, Samples) else 0
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(0)
            z = self._decodes.latents(DRAWN)
            self.centre, self.deviation = z.mean(0), float(z.std())
            self.styles = _middles(game, z, self.classes) if isinstance(game, Styles) else None

    @property
    def asks(self) -> bool:
        return asks(self.inner)

    def players(self) -> Sequence[Player]:
        return ()

    def latents(self, n: int) -> Tensor:
        z = self._decodes.latents(n)
        if self.threshold is not None:
            z = self._within(z, self.threshold * self.deviation)
        return self.brought(z)

    def brought(self, z: Tensor) -> Tensor:
        """Latents (n, latent) brought nearer to the middle; where there are styles these are, and latents stay."""
        return z if self.styles is not None else self.centre.lerp(z, self.psi)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        if self.styles is None:
            return self._decodes.decode(z, y)
        assert isinstance(self.inner, Styles)
        w = self.inner.style(z, y)
        middle = self.styles if y is None else self.styles[y]
        return self.inner.paint(middle.lerp(w, self.psi))

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        with torch.no_grad():
            return self.decode(self.latents(n), labels_of(self.inner, n) if y is None else y)

    @property
    def _decodes(self) -> Decodes:
        assert isinstance(self.inner, Decodes)
        return self.inner

    def _within(self, z: Tensor, reach: float) -> Tensor:
        """Latents (n, latent) whose numbers beyond `reach` of the centre were drawn again until none was."""
        for _ in range(_ROUNDS):
            beyond = (z - self.centre).abs() > reach
            if not bool(beyond.any()):
                return z
            z = torch.where(beyond, self._decodes.latents(len(z)), z)
        raise BadOption("threshold: hardly anything is drawn so near to the middle; take a larger one")


def _middles(game: Styles, z: Tensor, classes: int) -> Tensor:
    """The mean style (layers, style), or of each class (classes, layers, style)."""
    if not classes:
        return game.style(z).mean(0)
    labels = torch.arange(classes, device=z.device)[:, None].expand(-1, len(z))
    return torch.stack([game.style(z, y).mean(0) for y in labels])
