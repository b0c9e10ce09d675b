"""A run's numbers once more, for programs that show numbers: event files beside the JSON lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from saddlepoint.errors import BadOption


class Mirror:
    """Writes TensorBoard's event files into a folder, from step `start` on.

    Raises `BadOption` where TensorBoard is not installed.
    """

    def __init__(self, folder: Path, start: int = 0) -> None:
        if find_spec("tensorboard") is None:
            raise BadOption("run.log tensorboard wants TensorBoard: pip install saddlepoint[tensorboard]")
        self._folder, self._start = folder, start
        self._writer: Any = None

    def add(self, step: int, numbers: Mapping[str, float | None]) -> None:
        """Tell the numbers of a step, named PLAYER/NAME; what is not finite is left out."""
        for name, value in numbers.items():
            if value is not None and math.isfinite(value):
                self._opened().add_scalar(name, value, step)
        self._opened().flush()

    def close(self) -> None:
        """Let go of the files."""
        if self._writer is not None:
            self._writer.close()

    def _opened(self) -> Any:
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter

            # What was told of later steps before a run was stopped is taken back.
            self._writer = SummaryWriter(str(self._folder), purge_step=self._start + 1 if self._start else None)
        return self._writer
