"""In which numbers a game is played."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import nn

from saddlepoint.game import Batch


@dataclass(frozen=True)
class Precision:
    """float32, or bfloat16 autocast with images stored channels last. Penalties stay in float32 either way."""

    bfloat16: bool = False

    def context(self, device: torch.device) -> AbstractContextManager[object]:
        """Where losses are computed."""
        if not self.bfloat16:
            return nullcontext()
        return torch.autocast(device.type, dtype=torch.bfloat16)

    def place(self, game: nn.Module) -> None:
        """Store the game's convolution weights the way the device reads them."""
        if self.bfloat16:
            game.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def prepared(self, batch: Batch) -> Batch:
        """The batch with images channels last."""
        if not self.bfloat16:
            return batch
        last = torch.channels_last
        return {k: v.contiguous(memory_format=last) if v.dim() == 4 else v for k, v in batch.items()}


def pays(game: nn.Module, device: torch.device) -> bool:
    """Whether bfloat16 is faster for this game here: convolutions, on a chip that multiplies in bfloat16."""
    convolutions = any(isinstance(m, nn.Conv2d | nn.ConvTranspose2d) for m in game.modules())
    if device.type == "cuda":
        return convolutions and torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return convolutions and torch.cpu._is_avx512_bf16_supported()
    return False
