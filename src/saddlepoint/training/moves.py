"""The step: the one place where gradients are taken and parameters move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.optim import Optimizer

from saddlepoint.errors import Diverged
from saddlepoint.game import Batch, Game, Idle, Loss, Player, of_parts
from saddlepoint.machine.together import together
from saddlepoint.training.precision import Precision


@dataclass(frozen=True)
class Rules:
    """How every player's move is made.

    `accumulate` parts of a batch are differentiated one after the other (less memory, same gradient); `clip` bounds
    the gradient's norm, None leaves it; `average` is the decay of moving averages, at step i min(average,
    (i+1)/(i+10)); after `patience` moves in a row without a finite gradient training ends with `Diverged`.
    """

    accumulate: int = 1
    clip: float | None = None
    precision: Precision = field(default_factory=Precision)
    average: float = 0.999
    patience: int = 50


class Mover:
    """One player at the board: takes its gradient, and only its own, and moves.

    `terms` are its loss's as they were when last computed.
    """

    def __init__(
        self,
        game: Game,
        player: Player,
        optimizer: Optimizer,
        rules: Rules,
        terms: Mapping[str, Tensor] = MappingProxyType({}),
    ) -> None:
        self.player, self.optimizer, self.rules = player, optimizer, rules
        self.parameters: list[nn.Parameter] = [p for p in player.parameters() if p.requires_grad]
        mine = set(self.parameters)
        self._others = [p for p in game.parameters() if p.requires_grad and p not in mine]
        self._device = self.parameters[0].device
        self._averages = [_Average(live, average) for live, average in player.averages]
        # The fused optimisers skip a step by a flag on the device, so that nobody has to wait for it there.
        self._defers = self._device.type != "cpu" and bool(optimizer.param_groups[0].get("fused"))
        self._moves = 0
        self._in_a_row: int | Tensor = 0
        self.skipped: int | Tensor = 0
        self.loss = Loss({})
        self.terms: Mapping[str, Tensor] = {name: value.to(self._device) for name, value in terms.items()}
        self.norm: Tensor = torch.zeros((), device=self._device)

    def differentiate(self, batch: Batch, step: int) -> None:
        """Take the loss on `batch` and its gradient with respect to this player's parameters only."""
        for parameter in self.parameters:
            parameter.grad = None
        batch = self.rules.precision.prepared(batch)
        parts = [batch] if self.rules.accumulate == 1 else list(_parts(batch, self.rules.accumulate))
        losses = []
        with _frozen(self._others):
            for part in parts:
                with self.rules.precision.context(self._device):
                    loss = self.player.loss(part, step)
                total = loss.total if len(parts) == 1 else loss.total / len(parts)
                torch.autograd.backward(total, inputs=self.parameters)
                losses.append(loss)
        self.loss = losses[0] if len(losses) == 1 else _mean(losses)
        self.terms = _lately(self.terms, self.loss)
        _average_over_processes(self.parameters)
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        self.norm = torch.nn.utils.get_total_norm(gradients)
        if self.rules.clip is not None:
            torch.nn.utils.clip_grads_with_norm_(self.parameters, self.rules.clip, self.norm)

    def step(self) -> None:
        """Let the optimiser move, unless the gradient is not finite."""
        broken = ~self.norm.isfinite()
        if self._defers:
            self.optimizer.found_inf = broken.float()  # type: ignore[attr-defined]
            self.optimizer.step()
            self._in_a_row = (self._in_a_row + 1) * broken
            self.skipped = self.skipped + broken
            self._moves += 1
            if self._moves % self.rules.patience == 0:
                self._lose_patience()
        elif bool(broken):
            self._in_a_row += 1
            self.skipped += 1
            self._lose_patience()
        else:
            self._in_a_row = 0
            self.optimizer.step()

    def _lose_patience(self) -> None:
        in_a_row = int(self._in_a_row)
        if in_a_row >= self.rules.patience:
            raise Diverged(
                f"the {self.player.name} met {in_a_row} gradients in a row that were not finite; "
                "lower the learning rate, raise the penalty's weight, or look for NaN in the data"
            )

    def finish(self, step: int) -> None:
        """What follows a move: the player's own `after`, then the moving averages."""
        with torch.no_grad():
            self.player.after(self.loss)
            for average in self._averages:
                average.follow(min(self.rules.average, (step + 1) / (step + 10)))

    def position(self) -> list[Tensor]:
        """A copy of the parameters."""
        return [p.detach().clone() for p in self.parameters]

    def put_back(self, position: Sequence[Tensor]) -> None:
        """Set the parameters to a copy taken before."""
        with torch.no_grad():
            torch._foreach_copy_([*self.parameters], [*position])


class _Average:
    """A module whose parameters follow those of a live one; buffers are copied."""

    def __init__(self, live: nn.Module, average: nn.Module) -> None:
        self._live: list[Tensor] = list(live.parameters())
        self._average: list[Tensor] = list(average.parameters())
        self._live_buffers, self._average_buffers = list(live.buffers()), list(average.buffers())

    def follow(self, decay: float) -> None:
        """average <- decay average + (1 - decay) live."""
        torch._foreach_lerp_(self._average, self._live, 1 - decay)
        if self._live_buffers:
            torch._foreach_copy_(self._average_buffers, self._live_buffers)


@contextmanager
def _frozen(parameters: Sequence[nn.Parameter]) -> Iterator[None]:
    """No graph is built for these parameters: nothing is saved or computed for gradients that nobody takes."""
    for parameter in parameters:
        parameter.requires_grad = False
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad = True


def _parts(batch: Batch, count: int) -> Iterator[Batch]:
    split = {key: value.chunk(count) for key, value in batch.items()}
    for part in zip(*split.values(), strict=True):
        yield dict(zip(split, part, strict=True))


def _lately(before: Mapping[str, Tensor], loss: Loss) -> Mapping[str, Tensor]:
    """The terms of a loss; those that are idle as they were before."""
    found = {name: before.get(name) if isinstance(v, Idle) else v.detach() for name, v in loss.terms.items()}
    return {name: value for name, value in found.items() if value is not None}


def _mean(losses: Sequence[Loss]) -> Loss:
    # What is idle is so for each part of a batch.
    terms: Mapping[str, Tensor] = {
        name: one if isinstance(one, Idle) else torch.stack([loss.terms[name].detach() for loss in losses]).mean()
        for name, one in losses[0].terms.items()
    }
    return Loss(terms, {name: of_parts([loss.seen[name] for loss in losses]) for name in losses[0].seen})


def _average_over_processes(parameters: Sequence[nn.Parameter]) -> None:
    """One flattened all-reduce a player and move; wrappers do not survive penalties and shared networks."""
    if not (dist.is_available() and dist.is_initialized()):
        return
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    with together():
        dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for parameter, piece in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
        parameter.grad = piece.view(parameter.shape)
