"""What the numbers that a network makes become a sample by, chosen by what the data's `Spec` says of samples."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from saddlepoint.colour import lightness_of, rgb_of
from saddlepoint.spec import Spec


class Ending(nn.Module, ABC):
    """A network's numbers (B, *shape), and what its samples are asked for by, y, to samples (B, *sample's shape)."""

    shape: tuple[int, ...]

    @abstractmethod
    def forward(self, raw: Tensor, y: Tensor | None = None) -> Tensor:
        """Samples as networks see them."""


def ending(spec: Spec) -> Ending:
    """The ending of a translator to samples of `spec`: what is kept of y is in them as it is, the rest is `Cut`."""
    return _ENDINGS[spec.keeps](spec)


class Bounded(Ending):
    """Tanh where samples are bounded, a softmax for categories; y makes no difference."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.shape, self.bounds, self.simplexes = spec.shape, spec.bounds, spec.simplexes

    def forward(self, raw: Tensor, y: Tensor | None = None) -> Tensor:
        x = raw
        if self.bounds:
            low, high = self.bounds
            x = x.tanh() if self.bounds == (-1.0, 1.0) else low + (high - low) * x.sigmoid()
        if not self.simplexes:
            return x
        cuts = sorted({0, x.shape[1], *(edge for simplex in self.simplexes for edge in simplex)})
        pieces = [
            x[:, start:stop].softmax(1) if (start, stop) in self.simplexes else x[:, start:stop]
            for start, stop in itertools.pairwise(cuts)
        ]
        return torch.cat(pieces, dim=1)


class Cut(Ending):
    """Numbers cut to the samples' bounds, where they have any; y makes no difference.

    Beyond a bound only the gradient counts that leads back: where all is white, or black, a tanh has none.
    """

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.shape, self.bounds = spec.shape, spec.bounds

    def forward(self, raw: Tensor, y: Tensor | None = None) -> Tensor:
        if not self.bounds:
            return raw
        x: Tensor = _Back.apply(raw, *self.bounds)  # type: ignore[no-untyped-call]
        return x


class _Back(torch.autograd.Function):
    """Numbers cut to bounds; of those beyond them only the gradient whose descent leads back."""

    @staticmethod
    def forward(raw: Tensor, low: float, high: float) -> Tensor:
        return raw.clamp(low, high)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, float, float], output: Tensor) -> None:
        raw, ctx.low, ctx.high = inputs
        ctx.save_for_backward(raw)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (raw,) = ctx.saved_tensors
        further = ((raw > ctx.high) & (gradient < 0)) | ((raw < ctx.low) & (gradient > 0))
        return gradient.masked_fill(further, 0.0), None, None


class Coloured(Ending):
    """Chroma (B, 2, H, W), on the lightness of a grey picture y (B, 1, H, W), to colours (B, 3, H, W) in [-1, 1].

    What no screen shows is cut to what it does; its gradient is that before the cut, so that it finds the way back.
    """

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.shape = (2, *spec.shape[1:])

    def forward(self, raw: Tensor, y: Tensor | None = None) -> Tensor:
        assert y is not None
        # In bfloat16 a lightness would have eight digits of two, fewer than a picture's bytes.
        lightness = lightness_of((y.float() + 1) / 2)
        rgb = rgb_of(torch.cat([lightness, MOST_CHROMA * raw.float().tanh()], dim=1))
        return 2 * (rgb + (rgb.clamp(0, 1) - rgb).detach()) - 1


class Pasted(Ending):
    """A picture (B, C, H, W), seen where a picture y with an alpha channel (B, C + 1, H, W) is transparent."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.shape, self.cut = spec.shape, Cut(spec)

    def forward(self, raw: Tensor, y: Tensor | None = None) -> Tensor:
        assert y is not None
        known, alpha = y[:, :-1], (y[:, -1:] + 1) / 2
        return alpha * known + (1 - alpha) * self.cut(raw)


# Of the colours that a screen shows a* goes from -86 to 98 and b* from -108 to 95.
MOST_CHROMA = 110.0
_ENDINGS: dict[str, type[Cut | Coloured | Pasted]] = {
    "nothing": Cut,
    "lightness": Coloured,
    "places": Pasted,
}
