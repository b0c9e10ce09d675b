"""What networks from images to images have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from torch import Tensor
from torch.nn.functional import interpolate

from saddlepoint.architecture import Translator, as_image
from saddlepoint.errors import BadOption


def sized(y: Tensor, size: tuple[int, int]) -> Tensor:
    """Images (B, C, h, w) brought to `size` by bicubic interpolation, smoothed where they shrink."""
    return y if y.shape[2:] == size else interpolate(y, size, mode="bicubic", antialias=True)


def channelled(y: Tensor, channels: int) -> Tensor:
    """Images (B, C, H, W) with another number of `channels`: each is then the mean of all."""
    return y if y.shape[1] == channels else y.mean(1, keepdim=True).expand(-1, channels, -1, -1)


class Added(Translator):
    """A translator of what is added to its input, brought to the size and channels of the sample."""

    skips = True

    def __init__(self, inner: Translator, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.inner = inner
        self.channels, *size = as_image(shape)
        self.size = size[0], size[1]

    def down(self, y: Tensor) -> list[Tensor]:
        return self.inner.down(y)

    def up(self, maps: Sequence[Tensor]) -> Tensor:
        return channelled(sized(maps[0], self.size), self.channels) + self.inner.up(maps)


def without_latents(network: str) -> Callable[..., NoReturn]:
    """What stands where a `network` has no decoder: asked for one, it raises `BadOption`."""

    def decoder(inputs: int, shape: tuple[int, ...], labels: int) -> NoReturn:
        wanted = "it wants some to be given: for samples from latents take --network dcgan, resnet or mlp"
        raise BadOption(f"network {network!r} turns pictures into pictures; {wanted}")

    return decoder
