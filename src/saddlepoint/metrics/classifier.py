"""The classifier that judges labelled samples, trained on whatever arrays it is given."""

from __future__ import annotations

from math import ceil, prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

_LARGEST = 32


class Classifier:
    """A small network fitted to samples x (N, *shape) of labels y (N,): convolutions for images, else layers.

    Fitted by `steps` steps of Adam at batch 128 under a one-cycle rate; by default about thirty epochs, at least
    1,500 steps and at most 2,000. Inputs are standardised by the mean and deviation of what it was fitted to; images
    with a side above 32 are averaged down below it first.
    """

    def __init__(
        self, x: NDArray[np.floating], y: NDArray[np.integer], classes: int, *, seed: int = 0, steps: int | None = None
    ) -> None:
        features, labels = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y)
        self._mean, self._std = features.mean(), features.std().clamp_min(1e-6)
        steps = steps or int(np.clip(30 * len(features) / 128, 1500, 2000))
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self._network = _network(tuple(features.shape[1:]), classes)
            self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            self._fit(features, labels, steps)

    def predict(self, x: NDArray[np.floating]) -> NDArray[np.integer]:
        """The most likely class (N,) of samples (N, *shape)."""
        with torch.no_grad():
            parts = torch.as_tensor(x, dtype=torch.float32).split(2048)
            found = torch.cat([self._scores(part).argmax(1) for part in parts])
        return found.numpy()

    def accuracy(self, x: NDArray[np.floating], y: NDArray[np.integer]) -> float:
        """The share of samples (N, *shape) read as their labels y (N,)."""
        return float((self.predict(x) == np.asarray(y)).mean())

    def _scores(self, x: Tensor) -> Tensor:
        scores: Tensor = self._network((x - self._mean) / self._std)
        return scores

    def _fit(self, x: Tensor, y: Tensor, steps: int) -> None:
        optimizer = torch.optim.Adam(self._network.parameters(), weight_decay=1e-4, fused=True)
        rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
        self._network.train()
        for _ in range(steps):
            chosen = torch.randint(len(x), (128,))
            optimizer.zero_grad()
            cross_entropy(self._scores(x[chosen]), y[chosen]).backward()
            optimizer.step()
            rate.step()
        self._network.eval()


def _network(shape: tuple[int, ...], classes: int) -> nn.Module:
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
        stages += [nn.Conv2d(channels, wide, 3, padding=1, bias=False), nn.BatchNorm2d(wide), nn.ReLU()]
        if side > 4:
            stages.append(nn.MaxPool2d(2, ceil_mode=True))
            side = (side + 1) // 2
        channels = wide
    return nn.Sequential(
        *stages, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(4 * channels, classes)
    )
