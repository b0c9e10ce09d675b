"""Images (C, H, W), in own units from 0 to 1."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import interpolate


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
    if list(images.shape[2:]) == size:
        return images
    return interpolate(images.float(), size, mode="bicubic", antialias=True).clamp(0, 1)
