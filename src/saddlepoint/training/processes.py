"""Several processes, started by torchrun: who one is, and joining and leaving the others."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import distributed as dist

from saddlepoint.machine.together import together
from saddlepoint.source import Shard


@contextmanager
def joined(device: torch.device) -> Iterator[Shard]:
    """This process's place among those that torchrun started; alone, a shard of one and no communication."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Shard()
        return
    # Its functions take the group that stands when it is first imported as a default, and would keep it for ever: its
    # threads would then meet an interpreter that is gone. The optimisers import it on their first step.
    importlib.import_module("torch.distributed.nn.functional")
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Shard(dist.get_rank(), world)
        with together():
            dist.barrier()
    finally:
        dist.destroy_process_group()


def best_device() -> torch.device:
    """This process's own GPU where there is one, else the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


Said = TypeVar("Said")


def agreed(mine: Said, device: torch.device) -> Said:
    """What the first process says; every process must ask, and none goes on before it has."""
    if not (dist.is_available() and dist.is_initialized()):
        return mine
    said = [mine]
    with together():
        dist.broadcast_object_list(said, src=0, device=device)
    return said[0]


def anybody(mine: bool, device: torch.device) -> bool:
    """Whether any process says yes; every process must ask."""
    if not (dist.is_available() and dist.is_initialized()):
        return mine
    flag = torch.tensor(float(mine), device=device)
    with together():
        dist.all_reduce(flag, op=dist.ReduceOp.MAX)
    return bool(flag)
