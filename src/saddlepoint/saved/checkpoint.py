"""Checkpoints: a run at a step in one safetensors file, with a checksum over all that it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from saddlepoint.configuration.tables import FORMAT
from saddlepoint.errors import one_line
from saddlepoint.machine import regular

if TYPE_CHECKING:
    from torch import Tensor

_CHECKSUM = "sha256"


class Damaged(Exception):
    """A checkpoint that cannot be read, and why."""


class Checkpoint(NamedTuple):
    """A run at a step: all tensors, the configuration it was written under, and what the watchdog changed since."""

    step: int
    tensors: Mapping[str, Tensor]
    config: Mapping[str, Any]
    course: Mapping[str, Any]

    def write(self, file: Path) -> None:
        """Write it to a file."""
        from safetensors.torch import save_file

        told = {"config": json.dumps(self.config), "course": json.dumps(self.course)}
        told |= {"format": str(FORMAT), "step": str(self.step)}
        save_file(dict(self.tensors), file, metadata=told | {_CHECKSUM: _digest(told, self.tensors)})

    @classmethod
    def read(cls, file: Path) -> Checkpoint:
        """The checkpoint in a file; raises `Damaged` for what is none, or is not as it was written.

        One without a checksum, of an earlier version, is taken as it is.
        """
        from safetensors import SafetensorError, safe_open

        try:
            regular.opened(file).close()
            with safe_open(file, framework="pt") as opened:
                told = opened.metadata() or {}
                tensors = {key: opened.get_tensor(key) for key in opened.offset_keys()}
            checksum = told.pop(_CHECKSUM, None)
            if checksum is not None and checksum != _digest(told, tensors):
                raise Damaged("its checksum is not that of its content")
            if int(told["step"]) < 0:
                raise Damaged(f"its step is {told['step']}")
            config, course = json.loads(told["config"]), json.loads(told.get("course", "{}"))
            return cls(int(told["step"]), tensors, dict(config), dict(course))
        # A header that was damaged may say anything.
        except (SafetensorError, KeyError, ValueError, TypeError, AttributeError, OSError, RecursionError) as error:
            raise Damaged(getattr(error, "strerror", None) or one_line(error)) from error


def _digest(told: Mapping[str, str], tensors: Mapping[str, Tensor]) -> str:
    """The SHA-256 of what a checkpoint tells and of every tensor's name, type, shape and bytes."""
    import torch

    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"\n{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
