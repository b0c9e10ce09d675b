"""Networks that begin with small images and grow."""

from __future__ import annotations

import itertools
from math import prod

from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from saddlepoint.architecture import Architecture, Decoder, as_image
from saddlepoint.layers.embedded import Embedded
from saddlepoint.layers.equalised import doubled, equalised, pixel_norm
from saddlepoint.layers.growing import Grows, Shrinking, Size, by_size
from saddlepoint.layers.minibatch import Minibatch, across
from saddlepoint.layers.products import Convolution
from saddlepoint.layers.sizes import sides, widths
from saddlepoint.ranges import Whole, Width


def progressive(*, width: Width = 32, growth: Whole = 0, minibatch: Minibatch = "none") -> Architecture:
    """Convolutions of equalised rates, two at each size, that begin with images of at most 7 a side and grow.

    Paper: Karras et al. 2018, Progressive Growing of GANs for Improved Quality, Stability, and Variation

    `width` channels at the full size, twice as many at each halving, at most eight times; the generator's maps are of
    mean square one over their channels. `growth` is how many steps the smaller sizes share evenly, each of them fading
    in the next in its second half; with 0 the full size is there from the start. `minibatch` is what the discriminator
    sees across the batch.
    """
    return Architecture(
        decoder=lambda inputs, shape, classes: _Up(inputs, shape, classes, width, growth),
        encoder=lambda shape: across(minibatch, Shrinking(shape, width, growth)),
    )


class _Up(Grows, Decoder):
    def __init__(self, inputs: int, shape: tuple[int, ...], classes: int, width: int, growth: int) -> None:
        channels, *size = as_image(shape)
        steps = sides(*size)
        super().__init__(steps, growth)
        self.shape, out = shape, list(reversed(widths(width, len(steps))))
        self.embedded, self.start = Embedded(inputs, classes), (out[0], *steps[-1])
        self.first = equalised(nn.Linear(self.embedded.width, prod(self.start)))
        self.second = equalised(Convolution(out[0], out[0], 3, padding=1))
        self.blocks = nn.ModuleList(
            _Doubled(a, b, at) for (a, b), at in zip(itertools.pairwise(out), self.upward[1:], strict=True)
        )
        self.outputs = by_size((equalised(nn.Conv2d(wide, channels, 1), gain=1.0) for wide in out), growth)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        h = _active(self.first(self.embedded(z, y)).view(-1, *self.start))
        maps = [_active(self.second(h))]
        place, _ = self.top
        for block in self.blocks[:place]:
            maps.append(block(maps[-1]))
        return self.faded(maps, self.outputs).reshape(-1, *self.shape)


class _Doubled(nn.Module):
    """Two convolutions, to maps of twice the sides, cut to `size`."""

    def __init__(self, inputs: int, outputs: int, size: Size) -> None:
        super().__init__()
        self.size = size
        self.first = doubled(inputs, outputs)
        self.second = equalised(Convolution(outputs, outputs, 3, padding=1))

    def forward(self, h: Tensor) -> Tensor:
        h = _active(self.first(h)[..., : self.size[0], : self.size[1]])
        return _active(self.second(h))


def _active(h: Tensor) -> Tensor:
    return pixel_norm(leaky_relu(h, 0.2))
