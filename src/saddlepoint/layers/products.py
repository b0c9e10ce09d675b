"""Convolutions that, at small maps in bfloat16 on a CPU, are products of matrices.

There oneDNN's gradient of the weights runs at a quarter to four fifths of the rate of a product, at 4x4 its strided
convolution too (`benchmarks/convolutions.py`). The same products are summed, and the sums rounded to bfloat16 once.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import Function
from torch.nn.functional import conv_transpose2d, pad

# Sides of maps, in strides, up to which products are faster: for the gradient of the weights, for the convolution.
_WEIGHTS, _MAPS = 4, 2


class Convolution(nn.Conv2d):
    """Images (B, C, H, W) to maps (B, O, h, w), as `nn.Conv2d` of square kernels and no more."""

    def forward(self, input: Tensor) -> Tensor:
        stride, padding = self.stride[0], int(self.padding[0])
        ways = [side + 2 * padding - self.kernel_size[0] for side in input.shape[2:]]
        # Where steps do not reach the edge, the transpose would not know how far it is.
        if any(way % stride for way in ways) or not _pays(input, max(ways) // stride + 1, stride):
            return super().forward(input)
        made: Tensor = _Maps.apply(input.bfloat16(), self.weight.bfloat16(), stride, padding)  # type: ignore[no-untyped-call]
        return made if self.bias is None else made + self.bias.bfloat16()[:, None, None]


class Transposed(nn.ConvTranspose2d):
    """Maps (B, O, h, w) to images (B, C, H, W), as `nn.ConvTranspose2d` of square kernels and no more."""

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        stride, padding = self.stride[0], int(self.padding[0])
        if not _pays(input, max(input.shape[2:]), stride):
            return super().forward(input)
        made: Tensor = _Images.apply(input.bfloat16(), self.weight.bfloat16(), stride, padding)  # type: ignore[no-untyped-call]
        return made if self.bias is None else made + self.bias.bfloat16()[:, None, None]


def _pays(x: Tensor, side: int, stride: int) -> bool:
    """Whether products are faster for maps of so many places a side."""
    on = x.device.type == "cpu" and torch.is_autocast_enabled("cpu")
    return on and torch.get_autocast_dtype("cpu") == torch.bfloat16 and 0 < side <= _WEIGHTS * stride


class _Maps(Function):
    """The convolution of images x (B, C, H, W) by a weight (O, C, K, K); it, its transpose and the gradient of its
    weight are each other's gradients, to any order."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.how = stride, padding
        with torch.autocast("cpu", enabled=False):
            if (max(x.shape[2:]) + 2 * padding - weight.shape[2]) // stride + 1 > _MAPS * stride:
                return torch.conv2d(x, weight, None, stride, padding)
            columns = _columns(x, weight.shape[2], stride, padding)
            return _as_maps(columns.flatten(0, 2) @ _rows(weight).T, columns)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        of_x = _Images.apply(slope, weight, *ctx.how) if ctx.needs_input_grad[0] else None  # type: ignore[no-untyped-call]
        of_weight = _Weights.apply(x, slope, *ctx.how) if ctx.needs_input_grad[1] else None  # type: ignore[no-untyped-call]
        return of_x, of_weight, None, None


class _Images(Function):
    """The transpose of `_Maps`: images (B, C, H, W) from maps (B, O, h, w)."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(maps, weight)
        ctx.how = stride, padding
        with torch.autocast("cpu", enabled=False):
            return conv_transpose2d(maps, weight, None, stride, padding)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        maps, weight = ctx.saved_tensors
        of_maps = _Maps.apply(slope, weight, *ctx.how) if ctx.needs_input_grad[0] else None  # type: ignore[no-untyped-call]
        of_weight = _Weights.apply(slope, maps, *ctx.how) if ctx.needs_input_grad[1] else None  # type: ignore[no-untyped-call]
        return of_maps, of_weight, None, None


class _Weights(Function):
    """The gradient (O, C, K, K) of a weight from images x (B, C, H, W) and the slope at their maps (B, O, h, w)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, slope: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(x, slope)
        ctx.how = stride, padding
        with torch.autocast("cpu", enabled=False):
            kernel = x.shape[2] + 2 * padding - stride * (slope.shape[2] - 1)
            columns = _columns(x, kernel, stride, padding)
            made = slope.permute(0, 2, 3, 1).flatten(0, 2).T @ columns.flatten(0, 2)
            return made.unflatten(1, (kernel, kernel, -1)).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, further: Tensor) -> tuple[Tensor | None, ...]:
        x, slope = ctx.saved_tensors
        of_x = _Images.apply(slope, further, *ctx.how) if ctx.needs_input_grad[0] else None  # type: ignore[no-untyped-call]
        of_slope = _Maps.apply(x, further, *ctx.how) if ctx.needs_input_grad[1] else None  # type: ignore[no-untyped-call]
        return of_x, of_slope, None, None


def _columns(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    """What each place of the maps sees of images (B, C, H, W): (B, h, w, K K C)."""
    padded = pad(x.permute(0, 2, 3, 1), (0, 0, padding, padding, padding, padding)).contiguous()
    batch, height, width, channels = padded.shape
    size = (batch, (height - kernel) // stride + 1, (width - kernel) // stride + 1, kernel, kernel * channels)
    image, row, place, one = padded.stride()
    # Memory is channels last, so that a kernel's row lies in one piece.
    return padded.as_strided(size, (image, row * stride, place * stride, row, one)).flatten(3)


def _rows(weight: Tensor) -> Tensor:
    """A weight (O, C, K, K) as (O, K K C)."""
    return weight.permute(0, 2, 3, 1).flatten(1)


def _as_maps(rows: Tensor, columns: Tensor) -> Tensor:
    return rows.unflatten(0, columns.shape[:3]).permute(0, 3, 1, 2)
