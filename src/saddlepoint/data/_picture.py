"""Pictures: what a file's head says, and its pixels at one size and in one mode."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from saddlepoint.data._files import Files
from saddlepoint.errors import BadData

Fit = Literal["crop", "resize", "pad"]
Mode = Literal["L", "RGB", "RGBA"]
Pixels = NDArray[np.uint8]

SUFFIXES = {
    *(".avif", ".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png"),
    *(".pnm", ".ppm", ".tif", ".tiff", ".webp"),
}
_CAMERA_FORMATS = {"JPEG", "MPO", "TIFF", "WEBP"}
_GREY = {"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N"}
_DEEP = {"I", "I;16", "I;16B", "I;16L", "I;16N"}
_PALETTE = {"P", "PA"}
_PLAIN = {"1", "L", "LA", "La", "RGB", "RGBA", "RGBX", "RGBa"} | _DEEP | _PALETTE
_ORIENTATION = 0x0112
# What decoders raise on damaged files is not one family.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, struct.error, Image.DecompressionBombError)


@dataclass(frozen=True)
class Head:
    """What is known of a picture before its pixels are read; `size` is (height, width), upright."""

    size: tuple[int, int]
    mode: str
    alpha: bool
    frames: bool

    @property
    def grey(self) -> bool:
        return self.mode in _GREY

    @property
    def deep(self) -> bool:
        return self.mode in _DEEP

    @property
    def palette(self) -> bool:
        return self.mode in _PALETTE

    @property
    def foreign(self) -> bool:
        """Whether the mode is one of print or video, such as CMYK."""
        return self.mode not in _PLAIN


def head_of(files: Files, name: str) -> Head:
    """The head of the picture `name`; raises `BadData` when it is none."""
    with _opened(files, name) as image:
        if image.mode == "F":
            raise BadData(f"{files.where(name)}: has floating-point pixels; save it with 8 or 16 bits")
        wide, high = image.size
        size = (wide, high) if _lies(image) else (high, wide)
        several = image.format != "MPO" and bool(getattr(image, "is_animated", False))
        return Head(size, image.mode, image.has_transparency_data, several)


@dataclass(frozen=True)
class Pictures:
    """Reads pictures as uint8 (C, *size), each by the name of its file."""

    files: Files
    size: tuple[int, int]
    mode: Mode
    fit: Fit

    @property
    def shape(self) -> tuple[int, int, int]:
        return (len(self.mode), *self.size)

    def __call__(self, name: str) -> Pixels:
        """The pixels of the picture `name`; raises `BadData` when it is damaged."""
        with _opened(self.files, name) as image:
            if image.format in _CAMERA_FORMATS:
                ImageOps.exif_transpose(image, in_place=True)
            converted = _converted(_shallow(image, self.files.where(name)), self.mode)
            pixels = np.asarray(_fitted(converted, self.size, self.fit))
        return np.ascontiguousarray(pixels.transpose(2, 0, 1) if pixels.ndim == 3 else pixels[None])


@contextmanager
def _opened(files: Files, name: str) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(files.read(name))) as image:
            yield image
    except BadData:
        raise
    except _DAMAGED as error:
        reason = "its format is not known" if isinstance(error, UnidentifiedImageError) else error
        where = files.where(name)
        raise BadData(f"{where}: is no image that can be read ({reason}); remove or replace it") from error


def _lies(image: Image.Image) -> bool:
    """Whether a camera says that the picture has to be turned by a quarter."""
    return image.format in _CAMERA_FORMATS and image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)


def _shallow(image: Image.Image, where: str) -> Image.Image:
    """The picture with 8 bits a channel."""
    if image.mode not in _DEEP:
        return image
    values: NDArray[Any] = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        got = f"values from {values.min()} to {values.max()}"
        raise BadData(f"{where}: wanted 8 or 16 bits a pixel, got {got}; save it with 16 bits")
    return Image.fromarray(((values * 255 + 32767) // 65535).astype(np.uint8))


def _converted(image: Image.Image, mode: Mode) -> Image.Image:
    """The picture in `mode`, lying on white where it is transparent and `mode` has no alpha."""
    if mode == "RGBA" or not image.has_transparency_data:
        return image.convert(mode)
    flat = Image.new("RGBA", image.size, "white")
    flat.alpha_composite(image.convert("RGBA"))
    return flat.convert(mode)


def _fitted(image: Image.Image, size: tuple[int, int], fit: Fit) -> Image.Image:
    wide, high = size[1], size[0]
    if image.size == (wide, high):
        return image
    filtered = Image.Resampling.LANCZOS
    if fit == "resize":
        return image.resize((wide, high), filtered)
    if fit == "crop":
        return ImageOps.fit(image, (wide, high), filtered)
    return ImageOps.pad(image, (wide, high), filtered)
