"""What tells of trouble in what a step's losses have seen: cheap enough to be logged with the terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from saddlepoint.game import Game, Loss
from saddlepoint.training.loop import Step


def signals(step: Step) -> dict[str, float]:
    """By PLAYER/NAME; waits for the device, once.

    `told_apart`: how often a real sample of the batch scores above a fake one, ties by half: 1/2 where they cannot be
    told apart, 1 where they always are, whatever the scores' scale. `variety`: the fakes' standard deviation over that
    of the real samples, averaged over a sample's numbers: about 1, toward 0 in a collapse; `variety_error` is what the
    batch alone puts it off, one standard error at most. Each is told of one player,
    the first and the last to see it. `weight`: the norm of a player's parameters. `skipped`: how many of its moves were
    left out since training began here, since their gradient was not finite.
    """
    seen = [(player, name, value) for player, loss in step.losses.items() for name, value in _seen(loss)]
    once = {name: (player, value) for player, name, value in seen}
    once |= {name: (player, value) for player, name, value in reversed(seen) if name == "told_apart"}
    found = {f"{player}/{name}": value.detach().float() for name, (player, value) in once.items()}
    found |= _weights(step.parameters)
    found |= {f"{player}/skipped": torch.as_tensor(count).float() for player, count in step.skipped.items()}
    return _plain(found)


def first_signals(game: Game) -> dict[str, float]:
    """What can be told before the first step: `weight`."""
    return _plain(_weights({player.name: player.parameters() for player in game.players()}))


def _weights(parameters: Mapping[str, Sequence[Tensor]]) -> dict[str, Tensor]:
    with torch.no_grad():
        return {f"{player}/weight": get_total_norm([*moved]) for player, moved in parameters.items()}


def _plain(found: Mapping[str, Tensor]) -> dict[str, float]:
    """Numbers from wherever they are, in one transfer."""
    if not found:
        return {}
    device = next(iter(found.values())).device
    return dict(zip(found, torch.stack([value.to(device) for value in found.values()]).tolist(), strict=True))


def told_apart(one: Tensor, other: Tensor) -> Tensor:
    """How often a score of `one` (N,) is above one of `other` (M,), ties by half."""
    one, other = one.detach().float().flatten(), other.detach().float().flatten().sort().values
    below = torch.searchsorted(other, one) + torch.searchsorted(other, one, right=True)
    # Where no score is a number nothing is told.
    return below.float().mean() / (2 * len(other)) + 0 * (one.sum() + other.sum())


def _spread(x: Tensor) -> tuple[Tensor, Tensor]:
    """The standard deviation of samples (N, F), averaged over F, and its error, as if these went together."""
    gap = x - x.mean(0)
    variance, fourth = gap.square().mean(0), gap.pow(4).mean(0)
    errors = ((fourth / variance - variance).clamp_min(0) / (4 * len(x))).sqrt().nan_to_num()
    return x.std(0).mean(), errors.mean()


def _seen(loss: Loss) -> Iterator[tuple[str, Tensor]]:
    seen = loss.seen
    if "on_real" in seen and "on_fake" in seen:
        yield "told_apart", told_apart(seen["on_real"], seen["on_fake"])
    if "x" in seen and "fake" in seen and len(seen["x"]) > 1 and len(seen["fake"]) > 1:
        (real, its_error), (fake, error) = (_spread(seen[name].flatten(1).float()) for name in ("x", "fake"))
        yield "variety", fake / real
        yield "variety_error", (error.square() + (its_error * fake / real).square()).sqrt() / real
