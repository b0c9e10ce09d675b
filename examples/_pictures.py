"""What the scripts about pictures share: a loop whose rates fall, what costs nothing, and sheets to look at."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import torch
from matplotlib.axes import Axes
from torch import Tensor
from torch.nn.functional import pad

from saddlepoint import Rules, Source, Step, optimizers, train
from saddlepoint.asking import Questions
from saddlepoint.game import Game
from saddlepoint.judging.costless import costless
from saddlepoint.metrics.psnr import psnr
from saddlepoint.saved.model import Model
from saddlepoint.source import Batches, Labelled
from saddlepoint.spec import IMAGE_UNITS, Spec

SIDE, PAPER = 16, 0.7
PICTURE = Spec((3, SIDE, SIDE), bounds=(-1.0, 1.0), units=IMAGE_UNITS)


def learnt(game: Game, batches: Batches, steps: int, rate: float) -> Iterator[Step]:
    """Steps of Adam for every player, the rates falling to 0 in the second half."""
    adam = {player.name: optimizers.build("adam", lr=rate)(player.parameters()) for player in game.players()}
    for step in islice(train(game, batches, adam, rules=Rules(average=0.99)), steps):
        yield step
        for optimizer in adam.values():
            optimizer.param_groups[0]["lr"] = rate * min(1, 2 - 2 * (step.index + 1) / steps)


def taught(game: Game, source: Source, size: int, steps: int, rate: float = 1e-3) -> Callable[[Tensor], Tensor]:
    """What makes samples (N, *shape) of what is given (N, ...), in own units, after so many steps of a batch's size."""
    for _ in learnt(game, source.batches(size), steps, rate):
        pass
    model = Model.of(game, source)
    return lambda y: model.sample(len(y), y)


def for_nothing(source: Source, asked: Labelled) -> dict[str, Tensor]:
    """Answers (N, *shape) by name for which no network has learnt, of samples whose given is y."""
    questions = Questions(len(asked.x), asked.y, truth=asked.x)
    return {name: answer() for name, answer in costless(source, questions)}


def decibels(truth: Tensor, answer: Tensor) -> float:
    """The mean signal-to-noise ratio of pictures (N, C, H, W) in [0, 1]."""
    return float(psnr(truth.numpy(), answer.numpy()))


def shapes(kind: Tensor, place: Tensor, radius: Tensor, hue: Tensor) -> Tensor:
    """Discs (kind 0), squares (1) and triangles (2) as networks see them, their places (B, 2) in [-1, 1]."""
    axis = (torch.arange(SIDE) + 0.5) * 2 / SIDE - 1
    (x, y), radius = (
        (axis.view(shape) - place[:, i, None, None] for i, shape in enumerate([(1, -1), (-1, 1)])),
        radius[:, None, None],
    )
    far = x.hypot(y), torch.maximum(x.abs(), y.abs()) * 1.15, torch.maximum(y, x.abs() * 0.866 - y / 2) + 0.4 * radius
    ink = ((radius - torch.stack(torch.broadcast_tensors(*far))[kind, torch.arange(len(kind))]) * SIDE).sigmoid()
    away = ((hue[:, None] * 6 + torch.tensor([0, 4, 2])) % 6 - 3).abs() - 1
    return PAPER - ink[:, None] * (1 + PAPER - 2 * away.clamp(0, 1)[..., None, None])


def sheet(axes: Axes, rows: Mapping[str, Tensor], title: str = "") -> None:
    """Rows of pictures (N, C, H, W) in [0, 1], each with its name, pixel by pixel; one channel is ink on white."""
    inked = [1 - row.expand(-1, 3, -1, -1) if row.shape[1] == 1 else row for row in rows.values()]
    framed = [pad(row, (1, 1, 1, 1), value=1.0) for row in inked]
    page = torch.cat([row.permute(2, 0, 3, 1).flatten(1, 2) for row in framed])
    height = len(page) / len(rows)
    axes.imshow(page.numpy(), interpolation="nearest")
    axes.set(xticks=[], yticks=[(row + 0.5) * height for row in range(len(rows))], yticklabels=list(rows), title=title)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
