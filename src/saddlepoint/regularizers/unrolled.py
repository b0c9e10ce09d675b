"""A generator that looks at the discriminator as it will be some moves later."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.func import functional_call

from saddlepoint.duel import Duel, Featured, Objective, Regularizer, through
from saddlepoint.errors import BadOption
from saddlepoint.ranges import Range, Share


def unrolled(*, steps: Annotated[int, Range(0, 100)] = 5, rate: Share = 0.1) -> Regularizer:
    """Let the generator minimise its terms before a discriminator that has moved `steps` times more.

    Paper: Metz et al. 2017, Unrolled Generative Adversarial Networks, equations 7 to 10

    The further moves are gradient steps of size `rate` on the discriminator's own terms, on the batch at hand, through
    which the generator differentiates; the discriminator itself is left where it is. Memory grows with `steps`; 0 is
    the plain game. Put it last: regularizers named after it are not part of the further moves.
    """

    def add(objective: Objective) -> Objective:
        def view(duel: Duel) -> Duel:
            return _later(duel, objective, steps, rate)

        return replace(objective, generator=through(view, objective.generator))

    return add


def _later(duel: Duel, objective: Objective, steps: int, rate: float) -> Duel:
    """`duel` before its discriminator after `steps` further moves."""
    module = duel.discriminator
    if not isinstance(module, nn.Module):
        raise BadOption(f"unrolled wants a discriminator that is a torch module, got a {type(module).__name__}")
    weights = {name: value.detach().requires_grad_() for name, value in module.named_parameters()}
    for _ in range(steps if weights else 0):
        ahead = duel.before(_moved(module, weights))
        loss = torch.stack([term(ahead) for term in objective.discriminator.values()]).sum()
        slopes = torch.autograd.grad(loss, list(weights.values()), create_graph=True, allow_unused=True)
        weights = {
            name: value if slope is None else value - rate * slope
            for (name, value), slope in zip(weights.items(), slopes, strict=True)
        }
    return duel.before(_moved(module, weights))


def _moved(module: nn.Module, weights: dict[str, Tensor]) -> _Moved | _MovedFeatured:
    return (_MovedFeatured if isinstance(module, Featured) else _Moved)(module, weights)


class _Moved:
    """A discriminator with other weights; running statistics are copies, so that its own stay."""

    def __init__(self, module: nn.Module, weights: dict[str, Tensor]) -> None:
        self._module = module
        self._state = {**weights, **{name: value.clone() for name, value in module.named_buffers()}}

    def __call__(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        made: Tensor = functional_call(self._module, self._state, (x, y))
        return made


class _MovedFeatured(_Moved, Featured):
    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self._half("features", x, y)

    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        return self._half("judge", features, y)

    def _half(self, name: str, *arguments: Tensor | None) -> Tensor:
        state = {f"module.{key}": value for key, value in self._state.items()}
        made: Tensor = functional_call(_Half(self._module, name), state, arguments)
        return made


class _Half(nn.Module):
    """A module whose forward is one method of another's."""

    def __init__(self, module: nn.Module, name: str) -> None:
        super().__init__()
        self.module, self._name = module, name

    def forward(self, *arguments: Tensor | None) -> Tensor:
        made: Tensor = getattr(self.module, self._name)(*arguments)
        return made
