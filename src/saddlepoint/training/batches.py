"""What batches may come as: a function of the draw's index, a `DataLoader`, any iterable of tensors, pairs or dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from saddlepoint.errors import BadOption
from saddlepoint.game import Batch, Game
from saddlepoint.training.first_batch import checked

Batches = Callable[[int], Any] | Iterable[Any]


def drawing(batches: Batches, game: Game) -> Callable[[int], Batch]:
    """A function from a draw's index to the batch, where the game is and in its precision.

    An iterable is started again when it ends. Raises `BadOption` for what is neither, and for a first batch that is not
    what the game says it takes.
    """
    if isinstance(batches, Tensor):
        raise BadOption(
            f"train wanted batches, got one tensor {tuple(batches.shape)}: "
            "take DataLoader(TensorDataset(x), batch_size=64, shuffle=True)"
        )
    if not callable(batches) and not isinstance(batches, Iterable):
        raise BadOption(
            f"train wanted batches, a function of the draw's index or an iterable, got {type(batches).__name__}; "
            "of a source take source.batches(64), of a dataset DataLoader(dataset, batch_size=64)"
        )
    device = game.device
    dtype = next((p.dtype for p in game.parameters() if p.is_floating_point()), torch.float32)
    if callable(batches):
        return checked(lambda index: batch_of(batches(index), device, dtype), game)
    endless = _again_and_again(batches)
    return checked(lambda index: batch_of(next(endless), device, dtype), game)


def batch_of(made: object, device: torch.device, dtype: torch.dtype) -> Batch:
    """A tensor as x, a pair as x and y, a mapping as it is: tensors on the device, its floats of this type.

    Whole y of any type, bytes too, are labels of 64 bits.

    Raises `BadOption` for anything else, for parts of different lengths, and for samples as bytes.
    """
    named = _named(made)
    lengths = {name: len(value) for name, value in named.items() if value.dim()}
    if len(set(lengths.values())) > 1:
        raise BadOption(f"a batch wanted as many of each part, got {lengths}")
    if "x" in named and named["x"].dtype == torch.uint8:
        raise BadOption(
            "a batch wanted x as floats in the generator's range, got bytes (uint8); "
            "of images in [-1, 1] take x.float() / 127.5 - 1"
        )
    labels = {"y": named["y"].long()} if "y" in named and _is_whole(named["y"]) else {}
    return {
        name: value.to(device, dtype) if value.is_floating_point() else value.to(device)
        for name, value in {**named, **labels}.items()
    }


def _is_whole(y: Tensor) -> bool:
    return not y.is_floating_point() and not y.is_complex()


def _named(made: object) -> Mapping[str, Tensor]:
    if isinstance(made, Tensor):
        return {"x": made}
    if isinstance(made, tuple | list) and len(made) in (1, 2) and all(isinstance(one, Tensor) for one in made):
        return dict(zip("xy", made, strict=False))
    if isinstance(made, Mapping) and all(isinstance(one, Tensor) for one in made.values()):
        return made
    raise BadOption(
        f"wanted a batch as a tensor x (B, ...), a pair of tensors x, y or a dict of tensors, got {_told(made)}"
    )


def _told(made: object) -> str:
    if isinstance(made, Mapping):
        return "a dict of " + ", ".join(f"{name}: {type(one).__name__}" for name, one in made.items())
    if isinstance(made, tuple | list):
        return f"a {type(made).__name__} of {len(made)}: {', '.join(type(one).__name__ for one in made[:4])}"
    return type(made).__name__


def _again_and_again(batches: Iterable[Any]) -> Iterator[Any]:
    while True:
        empty = True
        for batch in batches:
            empty = False
            yield batch
        if empty:
            raise BadOption("train wanted batches, got an iterable that is empty or spent")
