"""The classifier that judges labelled samples, trained on whatever arrays it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from math import ceil, prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from saddlepoint.training.precision import Precision, pays

_LARGEST, _BATCH = 32, 128
Tell = Callable[[int, int], None]


def nobody(done: int, steps: int) -> None:
    """Whom nothing is told."""


def telling(doing: Callable[[str], None], what: str) -> Tell:
    """Has `doing` told how far something is, and how long it will still take."""
    began = time.monotonic()

    def tell(done: int, steps: int) -> None:
        left = (time.monotonic() - began) / done * (steps - done)
        doing(f"{what}: {done / steps:.0%}, {left:.0f} s left")

    return tell


class Classifier:
    """A small network that tells the classes of samples x (N, *shape): convolutions for images, else layers.

    Inputs are standardised by the `mean` and `std` of what it was fitted to; images with a side above 32 are averaged
    down below it first.
    """

    def __init__(self, network: nn.Sequential, mean: float, std: float) -> None:
        self._network, self._mean, self._std = network.eval(), mean, std

    @classmethod
    def fit(
        cls,
        x: NDArray[np.floating],
        y: NDArray[np.integer],
        classes: int,
        *,
        seed: int = 0,
        steps: int | None = None,
        tell: Tell = nobody,
    ) -> Classifier:
        """Fitted to samples x (N, *shape) of labels y (N,) by `steps` steps of Adam at batch 128, one-cycle rate.

        By default about thirty epochs, at least 1,000 steps and at most 2,000; in bfloat16 where that is faster. `tell`
        is told after each step how many are done, and of how many.
        """
        features, labels = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y)
        steps = steps or _steps(len(features))
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = _network(tuple(features.shape[1:]), classes)
            made = cls(network, float(features.mean()), float(features.std().clamp_min(1e-6)))
            made._fit(features, labels, steps, tell)
        return made

    @classmethod
    def seconds(cls, shape: tuple[int, ...], classes: int, rows: int) -> float:
        """About how long fitting to so many samples of this shape takes, from a few steps on noise."""
        x = np.random.default_rng(0).normal(size=(_BATCH, *shape))
        clocked: list[float] = []
        cls.fit(
            x, np.arange(_BATCH) % classes, classes, steps=6, tell=lambda *told: clocked.append(time.perf_counter())
        )
        # The first two of these steps find memory and choose their kernels.
        return _steps(rows) * float(np.median(np.diff(clocked[2:])))

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], shape: tuple[int, ...], classes: int) -> Classifier:
        """The classifier whose `arrays()` these are; raises `ValueError` or `KeyError` where they do not fit."""
        network = _network(shape, classes)
        weights = {name: torch.as_tensor(array) for name, array in arrays.items() if name not in _STATISTICS}
        try:
            network.load_state_dict(weights)
        except RuntimeError as error:
            raise ValueError(str(error)) from error
        return cls(network, *(float(arrays[name]) for name in _STATISTICS))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything it has learned."""
        weights = {name: tensor.contiguous().numpy() for name, tensor in self._network.state_dict().items()}
        return weights | {name: np.array(v) for name, v in zip(_STATISTICS, (self._mean, self._std), strict=True)}

    def features(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        """What its last layer sees of samples (N, *shape), (N, F)."""
        return self._through(self._network[:-1], x)

    def probabilities(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        """p(y | x) of samples (N, *shape), (N, classes)."""
        return torch.as_tensor(self._through(self._network, x)).softmax(1).numpy()

    def predict(self, x: NDArray[np.floating]) -> NDArray[np.integer]:
        """The most likely class (N,) of samples (N, *shape)."""
        found: NDArray[np.integer] = self._through(self._network, x).argmax(1)
        return found

    def accuracy(self, x: NDArray[np.floating], y: NDArray[np.integer]) -> float:
        """The share of samples (N, *shape) read as their labels y (N,)."""
        return float((self.predict(x) == np.asarray(y)).mean())

    def _through(self, network: nn.Module, x: NDArray[np.floating]) -> NDArray[np.floating]:
        with torch.no_grad():
            parts = torch.as_tensor(x, dtype=torch.float32).split(2048)
            return torch.cat([network(self._standardised(part)) for part in parts]).numpy()

    def _standardised(self, x: Tensor) -> Tensor:
        return (x - self._mean) / self._std

    def _fit(self, x: Tensor, y: Tensor, steps: int, tell: Tell) -> None:
        precision = Precision(pays(self._network, x.device))
        optimizer = torch.optim.Adam(self._network.parameters(), weight_decay=1e-4, fused=True)
        rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
        self._network.train()
        for step in range(steps):
            chosen = torch.randint(len(x), (_BATCH,))
            batch = precision.prepared({"x": self._standardised(x[chosen])})
            optimizer.zero_grad()
            with precision.context(x.device):
                loss = cross_entropy(self._network(batch["x"]), y[chosen])
            loss.backward()
            optimizer.step()
            rate.step()
            tell(step + 1, steps)
        self._network.eval()


def _steps(rows: int) -> int:
    return int(np.clip(30 * rows / _BATCH, 1000, 2000))


_STATISTICS = ("input_mean", "input_std")


def _network(shape: tuple[int, ...], classes: int) -> nn.Sequential:
    if len(shape) < 3:
        wide = 256
        return nn.Sequential(
            nn.Flatten(), nn.Linear(prod(shape), wide), nn.ReLU(), nn.Linear(wide, wide), nn.ReLU(),
            nn.Dropout(0.2), nn.Linear(wide, classes),
        )  # fmt: skip
    stages: list[nn.Module] = []
    channels, side = shape[0], max(shape[1:])
    if side > _LARGEST:
        shrink = ceil(side / _LARGEST)
        stages.append(nn.AvgPool2d(shrink, ceil_mode=True))
        side = ceil(side / shrink)
    for wide in (32, 64, 128):
        stages.append(nn.Conv2d(channels, wide, 3, padding=1, bias=False))
        if side > 4:
            # Before the norm, which then has a quarter as much to do.
            stages.append(nn.MaxPool2d(2, ceil_mode=True))
            side = (side + 1) // 2
        stages += [nn.BatchNorm2d(wide), nn.ReLU()]
        channels = wide
    network = nn.Sequential(
        *stages, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(4 * channels, classes)
    )
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network
