"""What tells of trouble in what a step's losses have seen: cheap enough to be logged with the terms."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from saddlepoint.game import Loss
from saddlepoint.training.loop import Step


def signals(step: Step) -> dict[str, float]:
    """By PLAYER/NAME; waits for the device, once.

    `told_apart`: how often a real sample of the batch scores above a fake one, ties by half: 1/2 where they cannot be
    told apart, 1 where they always are, whatever the scores' scale. `variety`: the fakes' standard deviation over that
    of the real samples, averaged over a sample's numbers: about 1, toward 0 in a collapse. `skipped`: how many of the
    player's moves were left out since training began here, since their gradient was not finite.
    """
    found = {
        f"{player}/{name}": value.detach().float()
        for player, loss in step.losses.items()
        for name, value in _seen(loss)
    }
    found |= {f"{player}/skipped": torch.as_tensor(count).float() for player, count in step.skipped.items()}
    if not found:
        return {}
    device = next(iter(found.values())).device
    return dict(zip(found, torch.stack([value.to(device) for value in found.values()]).tolist(), strict=True))


def _seen(loss: Loss) -> Iterator[tuple[str, Tensor]]:
    seen = loss.seen
    if "on_real" in seen and "on_fake" in seen:
        gap = seen["on_real"].float().flatten()[:, None] - seen["on_fake"].float().flatten()[None]
        yield "told_apart", (gap.sign() + 1).mean() / 2
    if "x" in seen and "fake" in seen and len(seen["x"]) > 1 and len(seen["fake"]) > 1:
        real, fake = (seen[name].flatten(1).float().std(0).mean() for name in ("x", "fake"))
        yield "variety", fake / real
