"""sRGB and CIELAB under daylight (D65), both ways, with gradients that stay finite everywhere, at black too.

IEC 61966-2-1 (sRGB), CIE 15 (CIELAB). White is what the matrix makes of it, so that a grey has no chroma at all.
"""

from __future__ import annotations

import torch
from torch import Tensor

Rows = tuple[tuple[float, float, float], ...]


def lab_of(rgb: Tensor) -> Tensor:
    """L*, a*, b* (B, 3, H, W) of sRGB in [0, 1] (B, 3, H, W): lightness from 0 to 100, chroma within about 110."""
    x, y, z = (_root(part / white) for part, white in zip(_mixed(_linear(rgb), _XYZ), _WHITE, strict=True))
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def rgb_of(lab: Tensor) -> Tensor:
    """sRGB (B, 3, H, W) of L*, a*, b* (B, 3, H, W); of colours that no screen shows it lies outside of [0, 1]."""
    lightness, a, b = lab.unbind(1)
    y = (lightness + 16) / 116
    parts = (_cube(part) * white for part, white in zip((y + a / 500, y, y - b / 200), _WHITE, strict=True))
    return _gamma(torch.stack(_mixed(torch.stack(list(parts), dim=1), _RGB), dim=1))


def grey_of(rgb: Tensor) -> Tensor:
    """The grey (B, 1, H, W) that is as light, in L*, as sRGB (B, 3, H, W), both in [0, 1]."""
    return _gamma(_mixed(_linear(rgb), _XYZ[1:2])[0].unsqueeze(1))


def lightness_of(grey: Tensor) -> Tensor:
    """L* (B, 1, H, W), from 0 to 100, of greys in [0, 1] (B, 1, H, W)."""
    return 116 * _root(_linear(grey)) - 16


def _mixed(parts: Tensor, rows: Rows) -> list[Tensor]:
    """Sums of the three channels with the weights of each row; autocast would make a matrix product coarse."""
    first, second, third = parts.unbind(1)
    return [first * one + second * two + third * three for one, two, three in rows]


# Each branch below is computed for every value, so it is kept where its slope is finite: NaN times 0 is NaN.


def _linear(rgb: Tensor) -> Tensor:
    """What light a value of sRGB stands for."""
    curve = ((rgb.clamp_min(_DARK) + 0.055) / 1.055) ** 2.4
    return torch.where(rgb > _DARK, curve, rgb / 12.92)


def _gamma(light: Tensor) -> Tensor:
    """What `_linear` undoes."""
    curve = 1.055 * light.clamp_min(_DARK / 12.92) ** (1 / 2.4) - 0.055
    return torch.where(light > _DARK / 12.92, curve, light * 12.92)


def _root(t: Tensor) -> Tensor:
    """The cube root of CIELAB, straight near black."""
    return torch.where(t > _BEND**3, t.clamp_min(_BEND**3) ** (1 / 3), t / (3 * _BEND**2) + 4 / 29)


def _cube(t: Tensor) -> Tensor:
    """What `_root` undoes."""
    return torch.where(t > _BEND, t**3, 3 * _BEND**2 * (t - 4 / 29))


_DARK, _BEND = 0.04045, 6 / 29
# From light in the primaries of sRGB to X, Y, Z, and back.
_XYZ: Rows = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE = tuple(sum(row) for row in _XYZ)
_RGB: Rows = tuple(tuple(row) for row in torch.tensor(_XYZ, dtype=torch.float64).inverse().tolist())
