"""Labels: from the names of classes to numbers and back."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import Tensor


def numbered(labels: Sequence[str]) -> tuple[tuple[str, ...], Tensor]:
    """The classes among `labels`, in the order people expect (2 before 10), and the index of each label."""
    classes = tuple(sorted(set(labels), key=lambda name: (_natural(name), name)))
    index = {name: i for i, name in enumerate(classes)}
    return classes, torch.tensor([index[label] for label in labels], dtype=torch.long)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]
