"""Images (C, H, W), in own units from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from PIL import Image as Pillow
from torch import Tensor
from torch.nn.functional import interpolate

from saddlepoint.colour import grey_of
from saddlepoint.data._depth import Pixels
from saddlepoint.data._inputs import Input, inputs_at
from saddlepoint.data._picture import frames_of
from saddlepoint.data.arrays import pictures_at
from saddlepoint.errors import BadData
from saddlepoint.forms.form import Form
from saddlepoint.spec import Keeps, Spec


@dataclass(frozen=True)
class Image(Form):
    """Pictures."""

    asked: str = "a picture, a folder or zip of pictures, or a .npy or .npz of them"
    given: str = "given_image"
    judged: Literal["classifier", "values"] = "classifier"

    @property
    def kinds(self) -> tuple[str, ...]:
        largest = max(self.spec.shape[1:])
        # What a CPU finishes within the hour is another network at each size.
        special = "image128" if largest > 64 else "image64" if largest > 32 else None
        return ("image",) if special is None else (special, "image")

    def read(self, told: str, keeps: Keeps = "nothing") -> Tensor:
        """The pictures at a path, of an animation the first, brought to the size and channels of the spec."""
        return torch.cat([self._read(one, keeps) for one in inputs_at(told)])

    def _read(self, one: Input, keeps: Keeps) -> Tensor:
        found = pictures_at(one.where) if one.is_array else own_of(frames_of(one.read(), one.where).pixels[:1])
        try:
            return as_given(resized(found, self.spec.shape[1:]), self.spec, keeps)
        except BadData as error:
            raise BadData(f"{one.where}: {error}") from None

    def shrunken_by(self, largest: int) -> int:
        """Rounded up."""
        return -(-max(self.spec.shape[1:]) // largest)


def own_of(pixels: Pixels) -> Tensor:
    """Pixels of eight bits in own units, in [0, 1]."""
    return torch.tensor(pixels) / 255


def alike(images: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Images (N, C, H, W) as ones of another `shape`, to be looked at beside these.

    Enlarged by bicubic interpolation, shrunken with antialiasing; grey becomes colour, colour its mean, and what is
    transparent (the last of two or four channels, where `shape` has one less) middle grey.
    """
    channels, *size = shape
    if images.shape[1] == channels + 1 and channels in (1, 3):
        images, alpha = images[:, :-1], images[:, -1:]
        images = images * alpha + (1 - alpha) / 2
    if images.shape[1] != channels:
        images = images[:, :3].mean(1, keepdim=True).expand(-1, channels, -1, -1)
    return resized(images, size)


def as_given(images: Tensor, spec: Spec, keeps: Keeps = "nothing") -> Tensor:
    """Images (N, C, H, W), grey or in colour, with or without alpha, with the channels of `spec` instead.

    What a model `keeps` of what it is given says more: the "lightness" of a colour is that of CIELAB, otherwise grey is
    luma; of "places" that are not transparent the others, of alpha below a half, are grey. Where alpha is not given,
    images lie on white. Raises `BadData` where it has to be and no place is transparent.
    """
    wanted = spec.shape[0]
    if images.shape[1] == wanted and keeps != "places":
        return images
    colours, alpha = _apart(images) if images.shape[1] in (2, 4) else (images, torch.ones_like(images[:, :1]))
    if keeps == "places":
        return _holed(_in_channels(colours, wanted - 1, keeps), (alpha >= 0.5).to(images.dtype))
    if wanted in (2, 4):
        return torch.cat([_in_channels(colours, wanted - 1, keeps), alpha], dim=1)
    return _in_channels(colours * alpha + (1 - alpha), wanted, keeps)


def _apart(images: Tensor) -> tuple[Tensor, Tensor]:
    """Colours and alpha."""
    return images[:, :-1], images[:, -1:]


def _holed(colours: Tensor, known: Tensor) -> Tensor:
    if known.all():
        raise BadData("has no transparent place, and such are what this run fills; erase what is to be made anew")
    return torch.cat([0.5 + (colours - 0.5) * known, known], dim=1)


def _in_channels(images: Tensor, channels: int, keeps: Keeps) -> Tensor:
    if images.shape[1] == channels:
        return images
    if images.shape[1] == 1:
        return images.expand(-1, channels, -1, -1)
    if images.shape[1] == 3 and channels == 1:
        return grey_of(images) if keeps == "lightness" else _luma(images)
    raise BadData(f"wanted pictures of {channels} channels, got {images.shape[1]}")


def _luma(images: Tensor) -> Tensor:
    """As Pillow makes colours grey (ITU-R BT.601)."""
    weights = images.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return (images * weights).sum(1, keepdim=True)


def resized(images: Tensor, size: Sequence[int]) -> Tensor:
    """Images (N, C, H, W) of another size: enlarged by bicubic interpolation, shrunken with antialiasing."""
    if list(images.shape[2:]) == list(size):
        return images
    return interpolate(images.float(), list(size), mode="bicubic", antialias=True).clamp(0, 1)


def pillow(image: Tensor) -> Pillow.Image:
    """An image (C, H, W) of one to four channels, grey or in colour, with or without alpha, as Pillow has it."""
    pixels = (image * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return Pillow.fromarray(pixels[..., 0] if len(image) == 1 else pixels)
