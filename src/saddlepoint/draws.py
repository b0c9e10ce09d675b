"""What a game must know of other processes: random draws of which each keeps its own rows, and averages over all.

All processes seed a step alike and draw for the whole batch, so N processes at batch B/N see the noise that one sees
at batch B.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch import distributed as dist

from saddlepoint.machine.together import together


def own_rows(draw: Callable[[int], Tensor], rows: int) -> Tensor:
    """This process's `rows` rows of `draw(all processes' rows)`."""
    if not (dist.is_available() and dist.is_initialized()):
        return draw(rows)
    start = dist.get_rank() * rows
    return draw(rows * dist.get_world_size())[start : start + rows]


def uniform(rows: int, shape: Sequence[int], like: Tensor) -> Tensor:
    """U(0, 1) of (rows, *shape), with the device and type of `like`."""
    return own_rows(lambda n: torch.rand(n, *shape, device=like.device, dtype=like.dtype), rows)


def normal(rows: int, shape: Sequence[int], like: Tensor) -> Tensor:
    """N(0, 1) of (rows, *shape), with the device and type of `like`."""
    return own_rows(lambda n: torch.randn(n, *shape, device=like.device, dtype=like.dtype), rows)


def gathered(own: Tensor) -> Tensor:
    """The rows (B, ...) of all processes, this one's among them."""
    if not (dist.is_available() and dist.is_initialized()):
        return own
    rows = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    with together():
        dist.all_gather(rows, own.contiguous())
    return torch.cat(rows)


def averaged(value: Tensor) -> Tensor:
    """The mean of `value` over all processes; what a controller reads must be the same everywhere."""
    if not (dist.is_available() and dist.is_initialized()):
        return value
    value = value.clone()
    with together():
        dist.all_reduce(value)
    return value / dist.get_world_size()


def finite_or(value: Tensor, before: Tensor) -> Tensor:
    """`value` where all of it is finite, else `before`: a step that the loop passes over must not stay in a state."""
    return torch.where(value.isfinite().all(), value, before)
