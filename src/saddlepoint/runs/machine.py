"""What "auto" means on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from saddlepoint.errors import BadRun, quoted
from saddlepoint.game import Fits, Game
from saddlepoint.training.precision import pays
from saddlepoint.training.processes import best_device


def placed_on(device: str) -> torch.device:
    """The device called so, this process's own; raises `BadRun` where it is not there."""
    if device == "auto":
        return best_device()
    try:
        placed = torch.device(device)
        torch.empty(0, device=placed).tolist()
    except (RuntimeError, AssertionError, ImportError):
        raise BadRun(f"device {quoted(device)} is not there; use --device cpu, or auto for the best there is") from None
    return best_device() if placed == torch.device("cuda") else placed


def for_this_machine(told: Mapping[str, Any], game: Game) -> dict[str, Any]:
    """What "auto" means here, and that what is fitted at once takes one step."""
    device, precision = placed_on(told["device"]), told["precision"]
    if precision == "auto":
        precision = "bfloat16" if pays(game, device) else "float32"
    # torchrun gives each of its processes one thread unless told otherwise; alone, every core is ours.
    return {
        "device": device.type,
        "precision": precision,
        "threads": told["threads"] or torch.get_num_threads(),
        **({"steps": 1} if isinstance(game, Fits) else {}),
    }
