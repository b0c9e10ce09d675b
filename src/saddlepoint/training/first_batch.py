"""The first batch, held against what the game says it takes: a wrong scale or shape is told before the first step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from saddlepoint.errors import BadOption
from saddlepoint.game import Batch, Game, Samples
from saddlepoint.spec import Spec, Takes


def checked(draw: Callable[[int], Batch], game: Game) -> Callable[[int], Batch]:
    """`draw`, whose first batch is checked where the game's modules say what they take; no later one is waited for.

    Raises `BadOption` for a first batch that does not fit.
    """
    unchecked = [module.spec for module in game.modules() if isinstance(module, Takes)][:1]
    by_class = isinstance(game, Samples) and game.classes > 0

    def drawn(index: int) -> Batch:
        batch = draw(index)
        while unchecked:
            _check(batch, unchecked.pop(), by_class)
        return batch

    return drawn


def _check(batch: Batch, spec: Spec, by_class: bool) -> None:
    if "x" not in batch:
        raise BadOption(f"a batch wanted x, the samples, got {', '.join(map(str, batch)) or 'no part'}; call them x")
    _check_samples(batch["x"], spec)
    if by_class and "y" not in batch:
        raise BadOption(
            f"a batch wanted y too, the labels of {len(spec.classes)} classes, got x alone; "
            "give pairs x, y, or build the game for spec.unlabelled"
        )
    if spec.classes and "y" in batch:
        _check_labels(batch["y"], len(batch["x"]), len(spec.classes))


def _check_samples(x: Tensor, spec: Spec) -> None:
    shape = tuple(x.shape)
    if shape[1:] != spec.shape or not len(x):
        raise BadOption(
            f"a batch wanted x of shape (B, {', '.join(map(str, spec.shape))}), got {shape}; {_reshaped(shape, spec)}"
        )
    if not x.is_floating_point():
        raise BadOption(f"a batch wanted x as floats as the game's networks see them, got {x.dtype}; take x.float()")
    if not spec.bounds:
        return
    (low, high), (least, most) = spec.bounds, (float(end) for end in x.detach().aminmax())
    slack = _SLACK * (high - low)
    # Written so that NaN is outside.
    if not (low - slack <= least and most <= high + slack):
        raise BadOption(
            f"a batch wanted x from {low:g} to {high:g}, got {least:.4g} to {most:.4g}; "
            f"{_scaled(spec.bounds, least, most)}"
        )


def _reshaped(shape: tuple[int, ...], spec: Spec) -> str:
    """What brings samples of this shape into that of `spec`."""
    rows = next(iter(shape), 0)
    if rows and Spec(shape[1:]).size == spec.size:
        swapped = len(shape) == 4 and (*shape[3:], *shape[1:3]) == spec.shape
        return "take x.permute(0, 3, 1, 2)" if swapped else f"take x.reshape(-1, {', '.join(map(str, spec.shape))})"
    return "build the game for samples of that shape, or give those it was built for"


def _scaled(bounds: tuple[float, float], least: float, most: float) -> str:
    """What brings samples from `least` to `most` into the bounds."""
    if bounds == (-1.0, 1.0) and least >= 0 and most <= _WHITE:
        return "of bytes take x / 127.5 - 1"
    return "scale them as networks see them, as source.units.seen does; leave out other standardising"


def _check_labels(y: Tensor, rows: int, classes: int) -> None:
    wanted = f"a batch wanted y as whole numbers ({rows},) from 0 to {classes - 1}"
    shape = tuple(y.shape)
    if shape != (rows,):
        advice = "take y.argmax(1)" if shape == (rows, classes) and classes > 1 else "give one label for each sample"
        raise BadOption(f"{wanted}, got shape {shape}; {'take y.flatten()' if shape == (rows, 1) else advice}")
    if y.dtype != torch.int64:
        raise BadOption(f"{wanted}, got {y.dtype}; y names the sample's class: take y.long() where it does")
    least, most = (int(end) for end in y.aminmax())
    if least < 0 or most >= classes:
        raise BadOption(f"{wanted}, got {least} to {most}; {_counted(least, most, classes)}")


def _counted(least: int, most: int, classes: int) -> str:
    if (least, most) == (1, classes):
        return "classes are counted from 0: take y - 1"
    return "give each class's place among spec.classes, or build the game for as many classes as there are"


# Of the range: pictures that were enlarged or augmented reach a little further than the original ones.
_SLACK = 0.1
_WHITE = 255
