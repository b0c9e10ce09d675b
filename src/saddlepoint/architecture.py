"""What a family of networks can build, and the networks of games made from it.

An `Architecture` turns a vector into a sample (`decoder`) and a sample into features (`encoder`), for any shape. A
generator is a decoder of latents; a discriminator is an encoder with a score; a coder is one with a code.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from saddlepoint.duel import Featured
from saddlepoint.errors import BadOption
from saddlepoint.spec import Spec, Takes

GeneratorLabel = Literal["join", "norm", "none"]
DiscriminatorLabel = Literal["join", "projection", "none"]


class Decoder(nn.Module):
    """Vectors (B, inputs) and, where its norms are conditional, labels (B,) to samples (B, *shape), unbounded."""

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        raise NotImplementedError


class Encoder(nn.Module):
    """Samples (B, *shape) to features (B, features)."""

    features: int

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError


@dataclass(frozen=True)
class Architecture:
    """`decoder(inputs, shape, classes)` and `encoder(shape)`; with classes > 0 the decoder's norms are conditional."""

    decoder: Callable[[int, tuple[int, ...], int], Decoder]
    encoder: Callable[[tuple[int, ...]], Encoder]

    def pair(
        self, spec: Spec, latent: int, generator: GeneratorLabel, discriminator: DiscriminatorLabel, *, pack: int = 1
    ) -> Pair:
        """The two networks of the game `gan`, which take labels as is said of each."""
        return Pair(
            Generator(self, spec, latent, generator), Discriminator(self, spec, discriminator, pack=pack), generator
        )


class Pair(NamedTuple):
    """A generator `(z, y) -> x`, a discriminator `(x, y) -> (B,)`, and how the generator takes labels."""

    generator: nn.Module
    discriminator: nn.Module
    label: GeneratorLabel


def as_image(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """`shape` as (C, H, W): a vector of D numbers is one pixel of D channels."""
    channels, height, width = (*shape, 1, 1)[:3]
    return channels, height, width


class Bounded(nn.Module):
    """What a generator ends with, from the data's `Spec`: tanh where samples are bounded, a softmax for categories."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.bounds, self.simplexes = spec.bounds, spec.simplexes

    def forward(self, x: Tensor) -> Tensor:
        if self.bounds:
            low, high = self.bounds
            x = x.tanh() if self.bounds == (-1.0, 1.0) else low + (high - low) * x.sigmoid()
        if not self.simplexes:
            return x
        cuts = sorted({0, x.shape[1], *(edge for simplex in self.simplexes for edge in simplex)})
        pieces = [
            x[:, start:stop].softmax(1) if (start, stop) in self.simplexes else x[:, start:stop]
            for start, stop in itertools.pairwise(cuts)
        ]
        return torch.cat(pieces, dim=1)


class Generator(nn.Module):
    """Latents z (B, latent) and labels y (B,) to samples (B, *shape) as networks see them.

    `label` says how y comes in: "join" (one-hot beside z; Mirza & Osindero 2014), "norm" (conditional
    normalisation; Dumoulin et al. 2017) or "none".
    """

    def __init__(self, architecture: Architecture, spec: Spec, latent: int, label: GeneratorLabel = "join") -> None:
        super().__init__()
        classes = len(spec.classes)
        self.joined = classes if label == "join" else 0
        self.decoder = architecture.decoder(latent + self.joined, spec.shape, classes if label == "norm" else 0)
        self.bounded = Bounded(spec)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        x: Tensor = self.bounded(self.unbounded(z, y))
        return x

    def unbounded(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """What comes out before the bounds of the data are put on, (B, *shape)."""
        if self.joined:
            z = torch.cat([z, one_hot(_given(y), self.joined).to(z.dtype)], dim=1)
        x: Tensor = self.decoder(z, y)
        return x


class LabelledEncoder(nn.Module, Takes):
    """Samples x (B, *shape), with their labels y (B,) joined to them where `join`, to features (B, features).

    A label is one-hot beside a vector and constant maps beside an image; y (B, pack) are the labels of a pack.
    """

    def __init__(self, architecture: Architecture, spec: Spec, *, join: bool, pack: int = 1) -> None:
        super().__init__()
        self.spec = spec
        self.joined = len(spec.classes) if join else 0
        channels, *size = spec.shape
        self.encoder = architecture.encoder((pack * (channels + self.joined), *size))
        self.features = self.encoder.features

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        if self.joined:
            maps = one_hot(_given(y), self.joined).to(x.dtype).flatten(1)
            maps = maps.reshape(*maps.shape, *[1] * (x.dim() - 2)).expand(-1, -1, *x.shape[2:])
            x = torch.cat([x, maps], dim=1)
        h: Tensor = self.encoder(x)
        return h


class Coder(nn.Module):
    """Samples x (B, *shape) and labels y (B,) to codes (B, code): an encoder with a linear layer."""

    def __init__(self, architecture: Architecture, spec: Spec, code: int, *, join: bool) -> None:
        super().__init__()
        self.encoder = LabelledEncoder(architecture, spec, join=join)
        self.last = nn.Linear(self.encoder.features, code)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        code: Tensor = self.last(self.encoder(x, y))
        return code


class Discriminator(nn.Module, Featured):
    """Samples x (B, *shape) and labels y (B,) to scores (B,), raw.

    `label` says how y comes in: "join" (one-hot beside a vector, constant maps beside an image), "projection"
    (an inner product with the features; Miyato & Koyama 2018, equation 3) or "none". With `pack` > 1 it scores packs:
    x (B, pack C, ...) of labels y (B, pack). Raises `BadOption` for a projection of packs.
    """

    def __init__(
        self, architecture: Architecture, spec: Spec, label: DiscriminatorLabel = "join", *, pack: int = 1
    ) -> None:
        super().__init__()
        if pack > 1 and label == "projection" and spec.classes:
            raise BadOption("a pack of several labels cannot be projected; take --game.discriminator_label join")
        self.pack = pack
        self.encoder = LabelledEncoder(architecture, spec, join=label == "join", pack=pack)
        self.score = nn.Linear(self.encoder.features, 1)
        # One inner product with every class's embedding is a matrix product; looking rows up is slower.
        projected = len(spec.classes) if label == "projection" else 0
        self.embedding = nn.Linear(self.encoder.features, projected, bias=False) if projected else None

    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        h: Tensor = self.encoder(x, y)
        return h

    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        score: Tensor = self.score(features).squeeze(1)
        if self.embedding is None:
            return score
        return score + self.embedding(features).gather(1, _given(y)[:, None]).squeeze(1)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.judge(self.features(x, y), y)


def _given(y: Tensor | None) -> Tensor:
    if y is None:
        raise BadOption("this network is conditional: wanted labels y of shape (B,), got None; give x and y")
    return y
