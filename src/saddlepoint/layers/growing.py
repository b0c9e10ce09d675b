"""Networks that begin with small images and grow, and what they see of larger ones meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from math import prod

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate, leaky_relu

from saddlepoint.architecture import Encoder, as_image
from saddlepoint.layers.equalised import equalised
from saddlepoint.layers.products import Convolution
from saddlepoint.layers.sizes import sides, widths

Size = tuple[int, int]


class Grows(nn.Module):
    """A network of images (B, C, H, W) that takes the smallest of `sizes`, the greatest first, and grows to the full.

    Paper: Karras et al. 2018, Progressive Growing of GANs, section 2

    Over `growth` steps each smaller size has an equal share, in the second half of which the next one is faded in; at 0
    it works at the full size from the start. Where it is stands in a buffer, `stage`, in doublings. Samples keep their
    full size throughout: smaller ones are enlarged by whole places.
    """

    def __init__(self, sizes: Sequence[Size], growth: int) -> None:
        super().__init__()
        self.upward, self.growth = list(reversed(sizes)), growth
        self.stage: Tensor
        self.register_buffer("stage", torch.tensor(len(sizes) - 1.0))

    def grow(self, step: int) -> None:
        """Be as it is to be at a step, of a network that grows."""
        self.stage.fill_(min(step / self.growth, 1.0) * (len(self.upward) - 1))

    @property
    def top(self) -> tuple[int, float]:
        """The place of the largest size that counts, and how far it is faded in: 1 where it is whole."""
        if not self.growth:
            # Nothing is read from the device.
            return len(self.upward) - 1, 1.0
        whole, beyond = divmod(float(self.stage), 1)
        return (int(whole) + 1, 2 * beyond - 1) if beyond > 0.5 else (int(whole), 1.0)

    def shown(self, x: Tensor) -> Tensor:
        """Images (B, C, H, W) as sharp as those that are made now; vectors as they are."""
        place, share = self.top
        if x.dim() < 4 or (place == len(self.upward) - 1 and share == 1):
            return x
        seen = smaller(x, self.upward[place])
        if share < 1:
            seen = interpolate(smaller(seen, self.upward[place - 1]), self.upward[place]).lerp(seen, share)
        return interpolate(seen, self.upward[-1])

    def faded(self, maps: Sequence[Tensor], outputs: nn.ModuleList) -> Tensor:
        """Images (B, channels, H, W) of the full size from the maps of each size, by each size's own output."""
        place, share = self.top
        image: Tensor = outputs[place](maps[place])
        if share < 1:
            image = interpolate(outputs[place - 1](maps[place - 1]), self.upward[place]).lerp(image, share)
        return interpolate(image, self.upward[-1])


def by_size(layers: Iterable[nn.Module], growth: int) -> nn.ModuleList:
    """A layer for each size, the full one last, which alone is there in a network that does not grow."""
    *others, last = layers
    return nn.ModuleList([*(others if growth else (nn.Identity() for _ in others)), last])


def smaller(x: Tensor, size: Size) -> Tensor:
    """Images of another size: the means of what lies in each place."""
    return x if tuple(x.shape[2:]) == size else adaptive_avg_pool2d(x, size)


class Shrinking(Grows, Encoder):
    """The discriminator's side: samples (B, *shape), at the size that counts now, to features (B, features).

    Paper: Karras et al. 2018, Progressive Growing of GANs, section 2 and appendix A
    """

    def __init__(self, shape: tuple[int, ...], width: int, growth: int) -> None:
        channels, *size = as_image(shape)
        steps = sides(*size)
        super().__init__(steps, growth)
        self.image, out = (channels, *size), list(reversed(widths(width, len(steps))))
        self.inputs = by_size((equalised(nn.Conv2d(channels, wide, 1)) for wide in out), growth)
        self.blocks = nn.ModuleList(_Narrowed(b, a) for a, b in itertools.pairwise(out))
        self.last = equalised(Convolution(out[0], out[0], 3, padding=1))
        self.dense = equalised(nn.Linear(out[0] * prod(steps[-1]), out[0]))
        self.features = out[0]

    def forward(self, x: Tensor) -> Tensor:
        place, share = self.top
        x = smaller(x.view(-1, *self.image), self.upward[place])
        h = self._entered(x, place)
        for below in reversed(range(place)):
            h = smaller(self.blocks[below](h), self.upward[below])
            if below == place - 1 and share < 1:
                h = self._entered(smaller(x, self.upward[below]), below).lerp(h, share)
        return leaky_relu(self.dense(leaky_relu(self.last(h), 0.2).flatten(1)), 0.2)

    def _entered(self, x: Tensor, place: int) -> Tensor:
        return leaky_relu(self.inputs[place](x), 0.2)


class _Narrowed(nn.Module):
    """Two convolutions, to the channels of the next smaller size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = equalised(Convolution(inputs, inputs, 3, padding=1))
        self.second = equalised(Convolution(inputs, outputs, 3, padding=1))

    def forward(self, h: Tensor) -> Tensor:
        return leaky_relu(self.second(leaky_relu(self.first(h), 0.2)), 0.2)
