"""Pictures: what a file's head says, and its pixels at one size and in one mode."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
from PIL import Image, ImageOps, ImageSequence, TiffImagePlugin, UnidentifiedImageError

from saddlepoint.data._depth import DEEPEST, Pixels, Values, dark, spread
from saddlepoint.data._files import PICTURE, Files, contents, existing
from saddlepoint.data._memory import fits
from saddlepoint.errors import BadData

Fit = Literal["crop", "resize", "pad"]
Half = Literal["left", "right", "top", "bottom"]
Mode = Literal["L", "RGB", "RGBA"]

SUFFIXES = {
    *(".avif", ".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png"),
    *(".pnm", ".ppm", ".tif", ".tiff", ".webp"),
}
_CAMERA_FORMATS = {"JPEG", "MPO", "TIFF", "WEBP"}
_MOVING = {"AVIF", "GIF", "PNG", "WEBP"}
# What browsers take where a frame does not say how long it is shown.
_USUAL = 100
# What a PNG that knows its orientation holds; to ask any other would be to read all its pixels.
_PNG_ORIENTED = (b"eXIf", b"Raw profile type exif", b"tiff:Orientation")
_GREY = {"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N"}
_DEEP = {"I", "I;16", "I;16B", "I;16L", "I;16N"}
_PALETTE = {"P", "PA"}
_PLAIN = {"1", "L", "LA", "La", "RGB", "RGBA", "RGBX", "RGBa"} | _DEEP | _PALETTE
_ORIENTATION = 0x0112
# What decoders raise on damaged files is not one family.
_DAMAGED = (
    *(OSError, SyntaxError, ValueError, EOFError, RuntimeError, TypeError, LookupError, ArithmeticError, MemoryError),
    *(struct.error, Image.DecompressionBombError),
)


@dataclass(frozen=True)
class Head:
    """What is known of a picture before its pixels are read.

    `size` is (height, width), upright; `digest` is the SHA-256 of the file.
    """

    size: tuple[int, int]
    mode: str
    alpha: bool
    frames: bool
    digest: bytes

    @property
    def grey(self) -> bool:
        """Whether it has one channel of brightness."""
        return self.mode in _GREY

    @property
    def deep(self) -> bool:
        """Whether a value has more than 8 bits."""
        return self.mode in _DEEP

    @property
    def palette(self) -> bool:
        """Whether its values are places in a list of colours."""
        return self.mode in _PALETTE

    @property
    def foreign(self) -> bool:
        """Whether the mode is one of print or video, such as CMYK."""
        return self.mode not in _PLAIN


def head_of(raw: bytes, where: str) -> Head:
    """The head of a picture, from the bytes of its file; raises `BadData` when it is none, or has too many pixels."""
    with warnings.catch_warnings():
        # It is refused in one line.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return _head(raw, where)


def _head(raw: bytes, where: str) -> Head:
    with _opened(raw, where) as image:
        if image.mode == "F":
            raise BadData(f"{where}: has floating-point pixels; scale them to 0 to 65535 and save with 16 bits")
        wide, high = _stored_size(image)
        size = (wide, high) if _lies(image, raw) else (high, wide)
        several = image.format != "MPO" and bool(getattr(image, "is_animated", False))
        return Head(size, image.mode, image.has_transparency_data, several, digest_of(raw))


def digest_of(raw: bytes) -> bytes:
    """What tells a file's content from other content."""
    return hashlib.sha256(raw).digest()


@dataclass(frozen=True)
class Whites:
    """The values that are white in pictures of 8 bits and in deeper ones."""

    plain: int = 255
    deep: int = DEEPEST


@dataclass(frozen=True)
class Pictures:
    """Reads pictures, or a `half` of each, as uint8 (C, *size), by the name of their file."""

    files: Files
    size: tuple[int, int]
    mode: Mode
    fit: Fit
    whites: Whites = Whites()
    half: Half | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        return (len(self.mode), *self.size)

    def __call__(self, name: str) -> Pixels:
        """The pixels of the picture `name`; raises `BadData` when it is damaged."""
        raw, where = self.files.read(name, PICTURE), self.files.where(name)
        with _opened(raw, where) as image:
            if _may_lie(image, raw):
                ImageOps.exif_transpose(image, in_place=True)
            shallow = self._shallow(image, where)
            return _pixels(_fitted(_halved(shallow, self.half) if self.half else shallow, self.size, self.fit))

    def peak(self, name: str) -> int:
        """The greatest value in the picture `name`, as it is stored where it is deep."""
        with _opened(self.files.read(name, PICTURE), where := self.files.where(name)) as image:
            values = _deep(image, where) if image.mode in _DEEP else np.asarray(_converted(image, self.mode))
            return int(values.max())

    def _shallow(self, image: Image.Image, where: str) -> Image.Image:
        """The picture in this mode, spread over 8 bits a channel."""
        if image.mode in _DEEP:
            return _converted(Image.fromarray(spread(_deep(image, where), self.whites.deep)), self.mode)
        made = _converted(image, self.mode)
        return made if self.whites.plain == 255 else Image.fromarray(spread(np.asarray(made), self.whites.plain))


@dataclass(frozen=True)
class Frames:
    """The frames (T, C, H, W) of a picture; a still has one.

    `durations` say how long each is shown, in milliseconds, `loop` how often all are, 0 without end and None once;
    `notes` what is to be told of them.
    """

    pixels: Pixels
    durations: tuple[int, ...] = (0,)
    loop: int | None = None
    notes: tuple[str, ...] = ()


def frames_of(raw: bytes, where: str) -> Frames:
    """The frames of a picture, from the bytes of its file, upright, grey or in colour, with alpha where it has any.

    Raises `BadData` for what is none.
    """
    head = _head(raw, where)
    mode: Mode = "RGBA" if head.alpha else "L" if head.grey else "RGB"
    with _opened(raw, where) as image:
        if head.frames and image.format in _MOVING:
            return _moving(image, mode, where)
        told = [dark(float(_deep(image, where).max()), DEEPEST)] if head.deep else []
        told += ["several pages: the first is taken"] if head.frames else []
        return Frames(_still(image, raw, where, mode)[None], notes=tuple(filter(None, told)))


def picture_at(path: str, mode: Mode) -> Pixels:
    """The pixels of the picture in one file, as `picture_of` gives them."""
    return picture_of(contents(existing(path), PICTURE), path, mode)


def picture_of(raw: bytes, where: str, mode: Mode) -> Pixels:
    """The pixels (C, H, W) of a picture as uint8, upright, from the bytes of its file; raises `BadData` for none."""
    with _opened(raw, where) as image:
        return _still(image, raw, where, mode)


def _still(image: Image.Image, raw: bytes, where: str, mode: Mode) -> Pixels:
    """The pixels of a picture that is the only one in its file, upright."""
    if _may_lie(image, raw):
        ImageOps.exif_transpose(image, in_place=True)
    shallow = Image.fromarray(spread(_deep(image, where), DEEPEST)) if image.mode in _DEEP else image
    return _pixels(_converted(shallow, mode))


def _moving(image: Image.Image, mode: Mode, where: str) -> Frames:
    fits(getattr(image, "n_frames", 1) * len(mode) * image.width * image.height, where)
    pixels, durations = [], []
    for frame in ImageSequence.Iterator(image):
        # That of a WebP is known only once it is read.
        pixels.append(_pixels(_converted(frame, mode)))
        durations.append(round(frame.info.get("duration", 0)) or _USUAL)
    return Frames(np.stack(pixels), tuple(durations), image.info.get("loop"))


def _pixels(image: Image.Image) -> Pixels:
    """A picture's pixels (C, H, W)."""
    pixels = np.asarray(image)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1) if pixels.ndim == 3 else pixels[None])


@contextmanager
def _opened(raw: bytes, where: str) -> Iterator[Image.Image]:
    """A file's bytes as a picture; whatever goes wrong with it is a `BadData`."""
    try:
        with Image.open(io.BytesIO(raw), formats=_formats()) as image:
            _bounded(image, where)
            yield image
    except BadData:
        raise
    except _DAMAGED as error:
        reason = "its format is not known" if isinstance(error, UnidentifiedImageError) else error
        raise BadData(f"{where}: is no image that can be read ({reason}); remove or replace it") from error


@cache
def _formats() -> tuple[str, ...]:
    """The formats that the suffixes stand for: others may start programs, as PostScript does."""
    known = Image.registered_extensions()
    return tuple({known[suffix] for suffix in SUFFIXES if suffix in known})


def _bounded(image: Image.Image, where: str) -> None:
    most, (wide, high) = Image.MAX_IMAGE_PIXELS, image.size
    if most is not None and wide * high > most:
        raise BadData(f"{where}: wanted at most {most:,} pixels, got {high}x{wide}; make it smaller")


def _stored_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as the file has them: a TIFF that lies has been turned by Pillow already, or will be."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.tag_v2[TiffImagePlugin.IMAGEWIDTH], image.tag_v2[TiffImagePlugin.IMAGELENGTH]
    return image.size


def _lies(image: Image.Image, raw: bytes) -> bool:
    """Whether a camera says that the picture has to be turned by a quarter."""
    return _may_lie(image, raw) and image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)


def _may_lie(image: Image.Image, raw: bytes) -> bool:
    """Whether the picture may have to be turned; `raw` is its file."""
    return image.format in _CAMERA_FORMATS or (image.format == "PNG" and any(mark in raw for mark in _PNG_ORIENTED))


def _deep(image: Image.Image, where: str) -> Values:
    """The values of a picture of more than 8 bits a pixel."""
    values: Values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > DEEPEST:
        got = f"values from {values.min()} to {values.max()}"
        raise BadData(f"{where}: wanted 8 or 16 bits a pixel, got {got}; scale them to 0 to 65535, save with 16 bits")
    return values


def _converted(image: Image.Image, mode: Mode) -> Image.Image:
    """The picture in `mode`, lying on white where it is transparent and `mode` has no alpha."""
    if mode == "RGBA" or not image.has_transparency_data:
        return image.convert(mode)
    flat = Image.new("RGBA", image.size, "white")
    flat.alpha_composite(image.convert("RGBA"))
    return flat.convert(mode)


def half_of(head: Head, half: Half, where: str) -> Head:
    """The head of a half of a picture; raises `BadData` where it cannot be halved."""
    high, wide = head.size
    across = half in ("left", "right")
    if (wide if across else high) % 2:
        side, got = ("width", wide) if across else ("height", high)
        raise BadData(f"{where}: wanted an even {side}, for it holds both sides of a pair, got {got}; cut or remove it")
    return replace(head, size=(high, wide // 2) if across else (high // 2, wide))


def _halved(image: Image.Image, half: Half) -> Image.Image:
    wide, high = image.size
    boxes = {
        "left": (0, 0, wide // 2, high),
        "right": (wide // 2, 0, wide, high),
        "top": (0, 0, wide, high // 2),
        "bottom": (0, high // 2, wide, high),
    }
    return image.crop(boxes[half])


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
