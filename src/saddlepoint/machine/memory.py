"""How much memory there is, and the refusal of what would not fit, which the system would kill without a word."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from saddlepoint.errors import BadOption
from saddlepoint.machine.room import left

_ADVICE = "take smaller networks or samples, as by --network.width or --data.size"


def memory(device: torch.device) -> int:
    """Bytes that can be had on a device now: a GPU's own, else what the machine and its container have left."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return left()


class Bounded(TorchFunctionMode):
    """While it lasts, tensors made from nothing may take `most` bytes together; raises `BadOption` before they do."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most, self._taken = most, 0.0

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        told = dict(kwargs or {})
        if function in _MAKERS:
            self._taken += _bytes_made(function, args, told)
            if self._taken > self._most:
                raise BadOption(f"this model's weights take more than half of {in_words(2 * self._most)}; {_ADVICE}")
        return function(*args, **told)


def _bytes_made(maker: Callable[..., torch.Tensor], args: tuple[Any, ...], told: Mapping[str, Any]) -> float:
    plain = {name: value for name, value in told.items() if name not in ("generator", "out", "pin_memory")}
    try:
        made = maker(*args, **{**plain, "device": "meta"})
    except RuntimeError:
        return math.inf
    return made.numel() * made.element_size()


def enough(needed: int, device: torch.device, what: str, held: int = 0) -> None:
    """Raises `BadOption` where `what` takes more bytes than there are on a device, `held` of them by itself already."""
    there = memory(device) + held
    if needed > there:
        raise BadOption(
            f"{what} would take about {_gb(needed)}, and there are {in_words(there)}; {_ADVICE}, or --batch"
        )


@contextmanager
def allocated() -> Iterator[None]:
    """What cannot be allocated inside is refused in one line."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, RuntimeError) and not _NO_MEMORY.search(str(error)):
            raise
        raise BadOption(f"there is not enough memory for this model and batch; {_ADVICE}, or --batch") from error


def in_words(size: int) -> str:
    """The memory that there is.

    >>> in_words(3 * 2**29)
    '1.5 GB of memory'
    """
    return f"{_gb(size)} of memory"


def _gb(size: int) -> str:
    return f"{size / 2**30:,.1f} GB"


_NO_MEMORY = re.compile("allocate memory|not enough memory|out of memory", re.IGNORECASE)
_MAKERS = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn, torch.eye, torch.randperm}
