"""From samples to latents in one pass, by the model's own encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from saddlepoint.game import Samples
from saddlepoint.latent._found import Found
from saddlepoint.saved.model import Model, Wanted


@dataclass(frozen=True)
class Encoded(Found):
    """Latents z (N, latent) and the samples x (N, *shape) that they are decoded to, in own units.

    `errors` (N,) are the mean absolute differences of x from what was given; `y` (N,) the classes, where there are
    some.
    """

    z: Tensor
    x: Tensor
    errors: Tensor
    y: Tensor | None

    def shown(self) -> Mapping[str, Tensor]:
        return {"reconstructed": self.x}

    def figures(self) -> Mapping[str, Tensor]:
        return {"error": self.errors}


def encode(model: Model, x: Tensor, y: Wanted | None = None) -> Encoded:
    """The latents that a model's encoder reads in samples, and the samples that its decoder makes of them.

    Paper: Perarnau et al. 2016, Invertible Conditional GANs for Image Editing

    x (N, *shape) are in own units. Classes `y` may be said, one or (N,); if not, the one counts whose samples are
    nearest. Of models with an encoder: `encoder`, which learns one for a trained generator, `vae`, `autoencoder` and
    `flow`. Raises `BadRun` for a model without, `BadOption` for samples or classes that do not fit.
    """
    classes = model.game.classes if isinstance(model.game, Samples) else 0
    if y is None and classes:
        y = torch.stack([_again(model, x, label).errors for label in range(classes)]).argmin(0)
    return _again(model, x, y)


def _again(model: Model, x: Tensor, y: Wanted | None) -> Encoded:
    z = model.encode(x, y)
    made = model.decode(z, y)
    labels = model.asked(len(x), y)
    return Encoded(z, made, (made - x.to(made)).abs().flatten(1).mean(1), labels)
