"""What follows each hidden layer of a generator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import Tensor
from torch.nn.functional import leaky_relu, relu

from saddlepoint.draws import normal, uniform

Hidden = Literal["relu", "leaky_relu", "noise", "dropout"]

_NOISE, _DROPPED = 0.1, 0.5


def after(kind: Hidden) -> Callable[[Tensor], Tensor]:
    """ReLU, leaky ReLU of slope 0.2, or ReLU with noise or dropout, in training and in sampling alike.

    Paper: Radford et al. 2016 (ReLU); Zhao et al. 2017, EBGAN, appendix (noise); Isola et al. 2017, pix2pix (dropout)

    Noise is N(0, 0.1) on every number; dropout leaves half of the channels.
    """
    return _KINDS[kind]


def _noisy(h: Tensor) -> Tensor:
    return relu(h) + _NOISE * normal(len(h), h.shape[1:], h)


def _dropped(h: Tensor) -> Tensor:
    kept = uniform(len(h), [h.shape[1], *[1] * (h.dim() - 2)], h) >= _DROPPED
    return relu(h) * kept / (1 - _DROPPED)


_KINDS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": relu,
    "leaky_relu": lambda h: leaky_relu(h, 0.2),
    "noise": _noisy,
    "dropout": _dropped,
}
