"""What latents are drawn from."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Prior = Callable[[int, int, torch.device], Tensor]
"""`prior(n, dimensions, device)` draws latents (n, dimensions)."""
