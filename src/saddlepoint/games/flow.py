"""One player: an invertible map between data and noise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Literal

import torch
from torch import Tensor, nn
from zuko.distributions import DiagNormal, NormalizingFlow
from zuko.flows import ElementWiseTransform, GeneralCouplingTransform, MaskedAutoregressiveTransform
from zuko.lazy import Flow as LazyFlow
from zuko.lazy import LazyTransform, UnconditionalDistribution, UnconditionalTransform
from zuko.transforms import LULinearTransform, MonotonicRQSTransform, PermutationTransform

from saddlepoint.architecture import Condition
from saddlepoint.conditional import Density, shares_for
from saddlepoint.draws import uniform
from saddlepoint.game import Batch, Decodes, Encodes, Loss, Player
from saddlepoint.ranges import Levels, Range, Width
from saddlepoint.spec import Spec, Takes

Transforms = Annotated[int, Range(1, 100)]
Family = Literal["affine", "elementwise", "coupling", "spline", "autoregressive"]


def flow(
    spec: Spec,
    *,
    family: Family = "spline",
    transforms: Transforms = 4,
    width: Width = 64,
    bins: Levels = 8,
    levels: Levels = 256,
    label: Literal["join", "none"] = "join",
) -> Flow:
    """An invertible map f from data to noise, of greatest likelihood: log p(x) = log p(f(x)) + log |det df/dx|.

    Paper: Dinh et al. 2017, Density Estimation Using Real NVP (coupling); Papamakarios et al. 2017, Masked
    Autoregressive Flow; Durkan et al. 2019, Neural Spline Flows, equation 4; zuko has the transforms

    `transforms` times: "affine", x -> A x + b with A = L U; "elementwise", a monotone rational-quadratic spline with
    `bins` bins for each number by itself; "coupling" (affine) and "spline", half of the numbers moved as the other
    half says; "autoregressive" (affine), each number moved as those before it say, which samples as many passes as
    there are numbers. Couplings mix the numbers in between by a linear map, above 256 numbers by a permutation.
    `width` is that of the two hidden layers. A class enters every transform and has its own mean and deviation of the
    noise (Izmailov et al. 2020, FlowGMM). Bounded data (images) of `levels` levels gets uniform noise of one level and
    is stretched by a logit (alpha 0.05); fewer levels than there are smooth it.
    """
    condition = Condition.of_vectors(spec if label == "join" else spec.unasked)
    size, context = spec.size, condition.width
    make = _FAMILIES[family]
    layers = [layer for number in range(transforms) for layer in make(size, context, number, width, bins)]
    if context:
        layers.append(ElementWiseTransform(size, context, hidden_features=()))
    for layer in layers:
        _start_as_identity(layer)
    base = UnconditionalDistribution(DiagNormal, torch.zeros(size), torch.ones(size), buffer=True)
    return Flow(LazyFlow(layers, base), Stretch(spec, levels), spec.shape, condition, shares_for(spec, label))


class Flow(Density, Decodes, Encodes):
    """A conditional density by change of variables; latents z (B, D) have as many numbers as a sample."""

    def __init__(
        self,
        flow: LazyFlow,
        stretch: Stretch,
        shape: tuple[int, ...],
        condition: Condition,
        shares: Sequence[float],
    ) -> None:
        super().__init__(shares)
        self.flow, self.stretch, self.shape, self.condition = flow, stretch, shape, condition

    def players(self) -> Sequence[Player]:
        return (Player("flow", [self.flow, self.condition], self.loss),)

    def loss(self, batch: Batch, step: int) -> Loss:
        """Minus the log-likelihood, in nats a sample."""
        x = batch["x"].flatten(1)
        noise = uniform(len(x), x.shape[1:], x)
        return Loss({"likelihood": -self._log_density(x, noise, batch.get("y")).mean()})

    def log_density(self, x: Tensor, y: Tensor | None) -> Tensor:
        """log p(x | y) in nats (B,); of discrete data a bound, by one draw of the noise that fills its levels."""
        x = x.flatten(1)
        with torch.no_grad():
            return self._log_density(x, torch.rand_like(x), y)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The noise (B, D) that samples x (B, *shape) of classes y come from."""
        x = x.flatten(1)
        stretched, _ = self.stretch(x, torch.full_like(x, 0.5))
        z: Tensor = self._given(y).transform(stretched)
        return z

    def latents(self, n: int) -> Tensor:
        """`n` latents (n, D) from N(0, I)."""
        return torch.randn(n, math.prod(self.shape), device=self.device)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Samples (B, *shape) from latents z (B, D) and classes y."""
        return self.stretch.undone(self._given(y).transform.inv(z)).view(-1, *self.shape)

    def draw(self, n: int, y: Tensor | None) -> Tensor:
        return self.decode(self.latents(n), y)

    def _log_density(self, x: Tensor, noise: Tensor, y: Tensor | None) -> Tensor:
        stretched, volume = self.stretch(x, noise)
        density: Tensor = self._given(y).log_prob(stretched)
        return density + volume

    def _given(self, y: Tensor | None) -> NormalizingFlow:
        return self.flow(self.condition.vector(y).float() if y is not None and self.condition.width else None)


class Stretch(nn.Module, Takes):
    """Bounded, discrete numbers to the whole line, by noise and a logit; one-hot columns get noise; the rest stays.

    Paper: Dinh et al. 2017, section 4.1
    """

    def __init__(self, spec: Spec, levels: int) -> None:
        super().__init__()
        self.spec, self.bounds, self.levels = spec, spec.bounds, levels
        hot = torch.zeros(spec.size)
        for start, stop in spec.simplexes:
            hot[start:stop] = 1.0
        self.hot: Tensor
        self.register_buffer("hot", hot, persistent=False)

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors x (B, D) with `noise` in [0, 1) stretched, and log |det| of the map (B,)."""
        if self.bounds is None:
            return x + self.hot * (noise - 0.5), x.new_zeros(len(x))
        low, high = self.bounds
        share = ((x - low) / (high - low) * (self.levels - 1) + noise) / self.levels
        inner = _ALPHA + (1 - 2 * _ALPHA) * share
        slope = (1 - 2 * _ALPHA) * (self.levels - 1) / self.levels / (high - low)
        volume = math.log(slope) - inner.log() - (1 - inner).log()
        return inner.logit(), volume.sum(1)

    def undone(self, stretched: Tensor) -> Tensor:
        """Vectors (B, D) within the bounds."""
        if self.bounds is None:
            return stretched
        low, high = self.bounds
        share = (stretched.sigmoid() - _ALPHA) / (1 - 2 * _ALPHA) * self.levels - 0.5
        return (low + (high - low) * share / (self.levels - 1)).clamp(low, high)


_ALPHA, _LARGEST_MATRIX = 0.05, 256

Layers = Iterator[LazyTransform]


def _affine(size: int, context: int, number: int, width: int, bins: int) -> Layers:
    yield from _mixed(size)
    yield ElementWiseTransform(size, context, hidden_features=(width, width))


def _elementwise(size: int, context: int, number: int, width: int, bins: int) -> Layers:
    yield ElementWiseTransform(size, context, hidden_features=(width, width))
    yield ElementWiseTransform(size, context, hidden_features=(width, width), **_splines(bins))


def _coupling(size: int, context: int, number: int, width: int, bins: int) -> Layers:
    yield from _coupled(size, context, number, width, {})


def _spline(size: int, context: int, number: int, width: int, bins: int) -> Layers:
    yield from _coupled(size, context, number, width, _splines(bins))


def _autoregressive(size: int, context: int, number: int, width: int, bins: int) -> Layers:
    order = torch.arange(size) if number % 2 == 0 else torch.arange(size).flip(0)
    wide = max(width, size)  # fewer hidden units than numbers would cut off the last of them
    yield MaskedAutoregressiveTransform(size, context, order=order, hidden_features=(wide, wide))


_FAMILIES: dict[str, Callable[[int, int, int, int, int], Layers]] = {
    "affine": _affine,
    "elementwise": _elementwise,
    "coupling": _coupling,
    "spline": _spline,
    "autoregressive": _autoregressive,
}


def _coupled(size: int, context: int, number: int, width: int, univariate: dict[str, object]) -> Layers:
    mask = torch.arange(size) % 2 == number % 2
    yield GeneralCouplingTransform(size, context, mask=mask, hidden_features=(width, width), **univariate)
    yield from _mixed(size)


def _mixed(size: int) -> Layers:
    if 1 < size <= _LARGEST_MATRIX:
        yield UnconditionalTransform(LULinearTransform, torch.eye(size))
    elif size > 1:
        yield UnconditionalTransform(PermutationTransform, torch.randperm(size), buffer=True)


def _splines(bins: int) -> dict[str, object]:
    return {"univariate": MonotonicRQSTransform, "shapes": [(bins,), (bins,), (bins - 1,)]}


def _start_as_identity(layer: LazyTransform) -> None:
    """Zero parameters are the identity of every univariate transform."""
    for name, parameter in layer.named_parameters():
        last = f"hyper.{len(layer.hyper) - 1}." if hasattr(layer, "hyper") else "phi."
        if name.startswith(last):
            nn.init.zeros_(parameter)
