"""Changes of images (B, C, H, W), each image's own and differentiable twice: places, colours, holes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import Function
from torch.nn.functional import affine_grid

_BILINEAR, _NEAREST = 0, 1
_ZEROS, _REFLECTION = 0, 2


def placed(x: Tensor, where: Tensor, *, nearest: bool = False, mirrored: bool = False) -> Tensor:
    """Images whose pixel at p is that of `x` at `where` (B, 2, 3) p, with p in [-1, 1] across and down.

    Beyond its edges an image is zero or, if `mirrored`, goes on in the mirror.
    """
    grid = affine_grid(where.to(x.dtype), list(x.shape), align_corners=False)
    modes = _NEAREST if nearest else _BILINEAR, _REFLECTION if mirrored else _ZEROS
    made: Tensor = _Sampled.apply(x, grid, *modes)  # type: ignore[no-untyped-call]
    return made


class _Sampled(Function):
    """Images (B, C, H, W) at the places of a grid (B, H, W, 2): linear in them, which torch does not know."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, grid: Tensor, mode: int, padding: int) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.told = x.shape, mode, padding
        return torch.grid_sampler_2d(x, grid, mode, padding, False)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None, None]:
        (grid,) = ctx.saved_tensors
        return _Spread.apply(slope, grid, *ctx.told), None, None, None  # type: ignore[no-untyped-call]


class _Spread(Function):
    """The transpose of `_Sampled`."""

    @staticmethod
    def forward(ctx: Any, slope: Tensor, grid: Tensor, shape: torch.Size, mode: int, padding: int) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.told = mode, padding
        of = slope.new_empty(()).expand(shape)
        (found, _) = torch.ops.aten.grid_sampler_2d_backward(
            slope.contiguous(), of, grid, mode, padding, False, [True, False]
        )
        made: Tensor = found
        return made

    @staticmethod
    def backward(ctx: Any, further: Tensor) -> tuple[Tensor, None, None, None, None]:
        (grid,) = ctx.saved_tensors
        return _Sampled.apply(further, grid, *ctx.told), None, None, None, None  # type: ignore[no-untyped-call]


def about_mean(x: Tensor, factor: Tensor, dimensions: tuple[int, ...]) -> Tensor:
    """Images whose deviation from their mean over `dimensions` is `factor` (B, 1, 1, 1) times as large."""
    mean = x.mean(dimensions, keepdim=True)
    return mean + factor * (x - mean)


def with_hole(x: Tensor, middle: Tensor, side: float) -> Tensor:
    """Images with zeros in a rectangle about `middle` (B, 2) in [0, 1] down and across, of that share of each side."""
    down, across = (
        ((torch.arange(length, device=x.device) + 0.5) / length - at[:, None]).abs() < side / 2
        for length, at in zip(x.shape[2:], middle.T, strict=True)
    )
    return x.masked_fill(down[:, None, :, None] & across[:, None, None, :], 0)
