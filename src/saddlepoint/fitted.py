"""Games without players: models fitted at once, in closed form, one for each class where there are classes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from saddlepoint.conditional import Conditional, Density
from saddlepoint.errors import BadData, BadRun
from saddlepoint.game import Fits, Player
from saddlepoint.spec import Spec


class Sampler(nn.Module, ABC):
    """One model of vectors: fitted, it samples. What it learns are buffers, empty until then and of any size."""

    def __init__(self, **learnt: Tensor) -> None:
        super().__init__()
        for name, empty in learnt.items():
            self.register_buffer(name, empty)

    @abstractmethod
    def fit(self, x: Tensor) -> None:
        """Fit to vectors x (N, D)."""

    @abstractmethod
    def draw(self, n: int) -> Tensor:
        """`n` vectors (n, D), n at least 1."""

    @property
    def dtype(self) -> torch.dtype:
        """The digits of what it was fitted to."""
        return next(learnt.dtype for learnt in self.buffers() if learnt.is_floating_point())

    def _load_from_state_dict(self, state: Mapping[str, Any], prefix: str, *rest: Any) -> None:
        for name, empty in self._buffers.items():
            if f"{prefix}{name}" in state and empty is not None:
                setattr(self, name, torch.empty_like(state[f"{prefix}{name}"], device=empty.device))
        super()._load_from_state_dict(state, prefix, *rest)


class Known(Sampler):
    """A sampler whose density is known."""

    @abstractmethod
    def log_density(self, x: Tensor) -> Tensor:
        """log p(x) in nats (B,) of vectors x (B, D)."""


class Fitted(Conditional, Fits):
    """A sampler made by `make` for each class of the data, or one for all of it."""

    def __init__(self, spec: Spec, make: Callable[[], Sampler]) -> None:
        super().__init__(spec.shares if spec.classes else ())
        self.shape, self.names = spec.shape, spec.classes
        self.models = nn.ModuleList(make() for _ in range(max(self.classes, 1)))
        self.ready: Tensor
        self.register_buffer("ready", torch.zeros((), dtype=torch.bool))

    def players(self) -> Sequence[Player]:
        """Nobody: there is nothing to play."""
        return ()

    def fit(self, x: Tensor, y: Tensor | None = None) -> None:
        """Fit each class's model to its samples among x (N, *shape); raises `BadData` for a class without any."""
        x = x.flatten(1)
        for label, model in enumerate(self.models):
            own = x if y is None or not self.classes else x[y == label]
            if len(own) == 0:
                raise BadData(f"there are no samples of class {self.names[label]!r} to fit; remove it from the data")
            _sampler(model).fit(own)
        self.ready.fill_(True)

    def draw(self, n: int, y: Tensor | None) -> Tensor:
        labels = torch.zeros(n, dtype=torch.long, device=self.device) if y is None else y
        models = self._models()
        x = torch.empty(n, *self.shape, device=self.device, dtype=models[0][1].dtype)
        for label, model in models:
            chosen = (labels == label).nonzero()[:, 0]
            if len(chosen):
                x[chosen] = model.draw(len(chosen)).view(-1, *self.shape)
        return x

    def _models(self) -> list[tuple[int, Sampler]]:
        if not self.ready:
            raise BadRun(f"this {type(self).__name__} is not fitted yet; `saddle resume RUN` fits it")
        return [(label, _sampler(model)) for label, model in enumerate(self.models)]


class FittedDensity(Fitted, Density):
    """`Fitted` of samplers whose density is known."""

    def log_density(self, x: Tensor, y: Tensor | None) -> Tensor:
        labels = torch.zeros(len(x), dtype=torch.long, device=x.device) if y is None else y
        found = torch.empty(len(x), device=x.device)
        for label, model in self._models():
            assert isinstance(model, Known)
            chosen = (labels == label).nonzero()[:, 0]
            if len(chosen):
                found[chosen] = model.log_density(x[chosen].flatten(1).to(model.dtype)).to(found.dtype)
        return found


def _sampler(model: nn.Module) -> Sampler:
    assert isinstance(model, Sampler)
    return model
