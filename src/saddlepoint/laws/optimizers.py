"""What every optimizer keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from saddlepoint import optimizers
from saddlepoint.laws import zoo
from saddlepoint.laws.law import Law, demand
from saddlepoint.optimizer import MakeOptimizer
from saddlepoint.training.state import pack, unpack


@dataclass(frozen=True, eq=False)
class Moved:
    """What makes an optimizer, with options, as `on` says."""

    on: str
    make: Callable[[], MakeOptimizer]

    def bowl(self) -> tuple[nn.Linear, Optimizer]:
        """A linear map, whose squared weights are to become small, and its optimizer."""
        torch.manual_seed(0)
        module = nn.Linear(3, 2)
        return module, self.make()(module.parameters())


def cases(name: str) -> Iterator[Moved]:
    """An optimizer with its options as they come, and with each choice of one."""
    for options in zoo.variations(optimizers.shelf.entry(name)):
        told = "".join(f", {option} {value}" for option, value in options.items())
        yield Moved(f"a bowl{told}", partial(optimizers.build, name, **options))


def _height(module: nn.Linear) -> Tensor:
    return torch.stack([p.square().sum() for p in module.parameters()]).sum()


def _go(module: nn.Linear, optimizer: Optimizer, steps: int) -> None:
    for _ in range(steps):
        optimizer.zero_grad()
        _height(module).backward()
        optimizer.step()


def it_leads_downwards(case: Moved) -> None:
    """Every parameter moves, and fifty steps make a sum of squares smaller."""
    module, optimizer = case.bowl()
    demand(isinstance(optimizer, Optimizer), "a torch.optim.Optimizer", type(optimizer).__name__)
    before, start = _height(module).item(), [p.detach().clone() for p in module.parameters()]
    _go(module, optimizer, 50)
    moved = [not torch.equal(p, old) for p, old in zip(module.parameters(), start, strict=True)]
    demand(all(moved), "every parameter to move", f"{moved.count(False)} that did not")
    demand(_height(module).item() < before, f"less than {before:.4g} after 50 steps", f"{_height(module).item():.4g}")


def what_has_no_gradient_stays(case: Moved) -> None:
    """A parameter that the loss did not meet."""
    module, optimizer = case.bowl()
    before = module.bias.detach().clone()
    module.weight.square().sum().backward()
    optimizer.step()
    demand(torch.equal(module.bias, before), "a parameter without a gradient to stay", "one that moved")


def resumed_is_unbroken_bit_for_bit(case: Moved) -> None:
    """What it keeps goes through a checkpoint."""
    module, optimizer = case.bowl()
    _go(module, optimizer, 3)
    saved = {name: value.clone() for name, value in pack(module, {"player": optimizer}).items()}
    other, others = case.bowl()
    unpack(saved, other, {"player": others})
    for one, its in ((module, optimizer), (other, others)):
        _go(one, its, 3)
    same = all(torch.equal(a, b) for a, b in zip(module.parameters(), other.parameters(), strict=True))
    demand(same, "the same steps after a checkpoint, bit for bit", "others; is there state that is no tensor?")


LAWS: tuple[Law[Moved], ...] = (
    Law(it_leads_downwards),
    Law(what_has_no_gradient_stays),
    Law(resumed_is_unbroken_bit_for_bit),
)
