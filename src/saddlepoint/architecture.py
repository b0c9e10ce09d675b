"""What a family of networks can build, and the networks of games made from it.

An `Architecture` turns a vector into a sample (`decoder`), a sample into features (`encoder`) and an image into an
image (`translator`), for any shape. A generator is a decoder of latents; a discriminator is an encoder with a score; a
coder is one with a code. What a sample is asked for by, they take as a `Condition` makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, one_hot

from saddlepoint.duel import Featured
from saddlepoint.endings import Bounded, ending
from saddlepoint.errors import BadData, BadOption
from saddlepoint.spec import Asked, Spec, Takes

GeneratorLabel = Literal["join", "norm", "none"]
DiscriminatorLabel = Literal["join", "projection", "none"]


class Decoder(nn.Module):
    """Vectors (B, inputs) and, where its norms are conditional, labels (B,) to samples (B, *shape), unbounded.

    In the place of labels there may be vectors (B, labels), of which a label is the one-hot case.
    """

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        raise NotImplementedError


class Styled(Decoder):
    """A decoder in two halves: vectors to a style, and a style for each of its `layers` to samples."""

    layers: int

    def mapped(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Styles w (B, style) of vectors z (B, inputs) and labels y (B,)."""
        raise NotImplementedError

    def painted(self, w: Tensor) -> Tensor:
        """Samples (B, *shape), unbounded, of styles w (B, layers, style)."""
        raise NotImplementedError

    def styles(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Styles (B, layers, style), the same for each layer."""
        return self.mapped(z, y)[:, None].expand(-1, self.layers, -1)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.painted(self.styles(z, y))


class Encoder(nn.Module):
    """Samples (B, *shape) to features (B, features); or to those of each of its places, (B places, features).

    The rows of a sample's places follow each other; `places` says whether there are such.
    """

    features: int
    places: bool = False

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError


class Translator(nn.Module):
    """Images y (B, *given) to images x (B, *shape), unbounded, in two halves.

    `skips` says whether the second half looks at more than the last maps of the first.
    """

    skips: bool

    def down(self, y: Tensor) -> list[Tensor]:
        """What the first half makes of images y, layer by layer: maps (B, C, h, w), the input itself first."""
        raise NotImplementedError

    def up(self, maps: Sequence[Tensor]) -> Tensor:
        """Images (B, *shape) from the maps of the first half."""
        raise NotImplementedError

    def forward(self, y: Tensor) -> Tensor:
        return self.up(self.down(y))


def channels_down(translator: Translator, given: Sequence[int]) -> list[int]:
    """How many channels each of the maps has that a translator's first half makes of images (B, *given).

    Tried on a copy that does not train: no norm takes notice, and nothing is drawn.
    """
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        return [maps.shape[1] for maps in deepcopy(translator).eval().down(torch.zeros(1, *given))]


@dataclass(frozen=True)
class Architecture:
    """`decoder(inputs, shape, labels)`, `encoder(shape)` and, of images, `translator(given, shape)`.

    With labels > 0 the decoder's norms are conditional.
    """

    decoder: Callable[[int, tuple[int, ...], int], Decoder]
    encoder: Callable[[tuple[int, ...]], Encoder]
    translator: Callable[[tuple[int, ...], tuple[int, ...]], Translator] | None = None

    def translating(self, given: tuple[int, ...], shape: tuple[int, ...]) -> Translator:
        """A translator from images of one shape to another; raises `BadOption` where the family has none."""
        if self.translator is None:
            raise BadOption("network: this game wants one that turns pictures into pictures; take --network unet")
        return self.translator(given, shape)

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


class Condition(nn.Module, Asked):
    """What samples are asked for by, y, as networks take it: vectors of `width` numbers, or `maps` beside an image.

    y are labels (B,), of which a vector is one-hot; or what else is given: numbers (B, D), places of words (B, L), of
    which the vector is the mean of learned ones, or images (B, C, H, W), which are maps alone.
    """

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.classes, self.given = len(spec.classes), spec.given
        self.words = nn.Embedding(len(self.given.words), _WORD) if self.given and self.given.words else None
        self.width = self.classes or (self._given_width if self.given else 0)
        self.maps = self.given.shape[0] if self.given and self.given.is_image else self.width

    @classmethod
    def of_vectors(cls, spec: Spec) -> Condition:
        """A condition of which there are vectors; raises `BadData` where pictures are given."""
        if spec.given and spec.given.is_image:
            raise BadData(
                "this game wants classes, numbers or words to be given; of pictures given take --game pix2pix"
            )
        return cls(spec)

    @property
    def _given_width(self) -> int:
        assert self.given is not None
        return _WORD if self.given.words else 0 if self.given.is_image else self.given.size

    def vector(self, y: Tensor | None) -> Tensor:
        """(B, width), or of packs y (B, pack, ...) the vectors of each beside each other's (B, pack, width)."""
        y = _given(y)
        if self.classes:
            return one_hot(y, self.classes)
        # A bag of embeddings would have no second derivative.
        return y if self.words is None else self.words(y).mean(-2)

    def beside(self, y: Tensor | None, x: Tensor) -> Tensor:
        """Maps (B, maps, ...) with the places of samples x (B, C, ...)."""
        y = _given(y)
        if self.given and self.given.is_image:
            return y if y.shape[2:] == x.shape[2:] else interpolate(y, x.shape[2:], mode="bilinear", antialias=True)
        maps = self.vector(y).to(x.dtype).flatten(1)
        return maps.reshape(*maps.shape, *[1] * (x.dim() - 2)).expand(-1, -1, *x.shape[2:])


_WORD = 32


class Generator(nn.Module):
    """Latents z (B, latent) and labels y (B,) to samples (B, *shape) as networks see them.

    `label` says how y, or what else is given, comes in: "join" (one-hot beside z; Mirza & Osindero 2014), "norm"
    (conditional normalisation; Dumoulin et al. 2017) or "none". Raises `BadData` for given images.
    """

    def __init__(self, architecture: Architecture, spec: Spec, latent: int, label: GeneratorLabel = "join") -> None:
        super().__init__()
        self.label: GeneratorLabel = "none" if label == "none" or not (spec.classes or spec.given) else label
        self.condition = Condition.of_vectors(spec if self.label != "none" else spec.unasked)
        joined, normed = (self.condition.width if self.label == how else 0 for how in ("join", "norm"))
        self.decoder = architecture.decoder(latent + joined, spec.shape, normed)
        self.bounded = Bounded(spec)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        x: Tensor = self.bounded(self.unbounded(z, y))
        return x

    def unbounded(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """What comes out before the bounds of the data are put on, (B, *shape)."""
        x: Tensor = self.decoder(*self.asked(z, y))
        return x

    def asked(self, z: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """What the decoder takes of latents and labels."""
        if self.label == "join":
            return torch.cat([z, self.condition.vector(y).to(z.dtype)], dim=1), y
        if self.label == "norm" and not self.condition.classes:
            return z, self.condition.vector(y).to(z.dtype)
        return z, y


class Translation(nn.Module, Asked):
    """What is given, images y (B, *given.shape), to samples (B, *shape) as networks see them, in two halves.

    Of the samples' own kind it leads from class to class: then nothing is asked for.
    """

    def __init__(self, architecture: Architecture, given: Spec, spec: Spec) -> None:
        super().__init__()
        self.given = spec.given
        self.ending = ending(spec)
        self.translator = architecture.translating(given.shape, self.ending.shape)

    def down(self, y: Tensor) -> list[Tensor]:
        """The maps of the first half, the input itself first."""
        return self.translator.down(y)

    def up(self, maps: Sequence[Tensor], y: Tensor) -> Tensor:
        """Samples (B, *shape) from the maps of what was given, y."""
        x: Tensor = self.ending(self.translator.up(maps), y)
        return x

    def forward(self, y: Tensor) -> Tensor:
        return self.up(self.down(y), y)


class LabelledEncoder(nn.Module, Takes):
    """Samples x (B, *shape), with what they are asked for by, y, joined where `join`, to features (B, features).

    A label is one-hot beside a vector and constant maps beside an image; y (B, pack) are the labels of a pack.
    """

    def __init__(self, architecture: Architecture, spec: Spec, *, join: bool, pack: int = 1) -> None:
        super().__init__()
        self.spec = spec
        self.condition = Condition(spec if join else spec.unasked)
        channels, *size = spec.shape
        self.encoder = architecture.encoder((pack * (channels + self.condition.maps), *size))
        self.features = self.encoder.features

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        if self.condition.maps:
            x = torch.cat([x, self.condition.beside(y, x)], dim=1)
        h: Tensor = self.encoder(x)
        return h


class Coder(nn.Module):
    """Samples x (B, *shape) and labels y (B,) to codes (B, code): an encoder with a linear layer.

    Raises `BadOption` for an encoder of places.
    """

    def __init__(self, architecture: Architecture, spec: Spec, code: int, *, join: bool) -> None:
        super().__init__()
        self.encoder = LabelledEncoder(architecture, spec, join=join)
        if self.encoder.encoder.places:
            raise BadOption("network: a code is of a whole sample; wanted --network.field whole, or another network")
        self.last = nn.Linear(self.encoder.features, code)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        code: Tensor = self.last(self.encoder(x, y))
        return code


class Discriminator(nn.Module, Featured):
    """Samples x (B, *shape) and what they are asked for by, y, to raw scores (B,), or (B places,) of their places.

    `label` says how y comes in: "join" (one-hot beside a vector, constant maps beside an image), "projection"
    (an inner product with the features; Miyato & Koyama 2018, equation 3) or "none". With `pack` > 1 it scores packs:
    x (B, pack C, ...) of labels y (B, pack). Raises `BadOption` for a projection of packs, or of images.
    """

    def __init__(
        self, architecture: Architecture, spec: Spec, label: DiscriminatorLabel = "join", *, pack: int = 1
    ) -> None:
        super().__init__()
        projects = label == "projection" and bool(spec.classes or spec.given)
        if projects and (pack > 1 or (spec.given and spec.given.is_image)):
            what = "a pack of several labels" if pack > 1 else "a picture that is given"
            raise BadOption(f"{what} cannot be projected; take --game.discriminator_label join")
        self.pack = pack
        self.encoder = LabelledEncoder(architecture, spec, join=label == "join", pack=pack)
        self.score = nn.Linear(self.encoder.features, 1)
        self.condition = Condition(spec if projects else spec.unasked)
        # One inner product with every class's embedding is a matrix product; looking rows up is slower.
        projected = self.condition.width
        self.embedding = nn.Linear(self.encoder.features, projected, bias=False) if projected else None

    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        h: Tensor = self.encoder(x, y)
        return h

    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        score: Tensor = self.score(features).squeeze(1)
        if self.embedding is None:
            return score
        projected = self.embedding(features)
        y = _given(y).repeat_interleave(len(features) // len(_given(y)), 0)
        if self.condition.classes:
            return score + projected.gather(1, y[:, None]).squeeze(1)
        return score + (projected * self.condition.vector(y)).sum(1)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.judge(self.features(x, y), y)


def _given(y: Tensor | None) -> Tensor:
    if y is None:
        raise BadOption("this network is conditional: wanted labels y of shape (B,), or what is given; got None")
    return y
