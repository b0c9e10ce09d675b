"""A picture of any size in overlapping tiles of one size, and what is made of them as one picture again.

What is made of a tile does not count near the tile's border, where it may have missed what lies beyond, unless that is
the picture's border; from there on it counts more and more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, gcd, prod

import torch
from torch import Tensor

from saddlepoint.judging.evidence import Doing, nobody

# Numbers of what is made of tiles at once.
_AT_ONCE = 2**20


@dataclass(frozen=True)
class Side:
    """One side of a picture of `length` pixels in tiles of `tile` pixels, of each of which `made` pixels are made.

    Neighbours share half of a tile, of which the outer thirds are left out, so that what is made of a tile counts from
    a sixth of it on.
    """

    length: int
    tile: int
    made: int

    @property
    def padded(self) -> int:
        """How many pixels tiles cover: all, and so many more that whole tiles, at whole pixels of both, do."""
        return self.tile + ceil(max(self.length - self.tile, 0) / self._whole) * self._whole

    @property
    def starts(self) -> list[int]:
        """Where tiles begin; the last ends where the picture does."""
        last = self.padded - self.tile
        return [*range(0, last, self._step), last]

    def scaled(self, pixels: int) -> int:
        """How many pixels are made of so many."""
        return round(pixels * self.made / self.tile)

    @property
    def kept(self) -> int:
        """How many pixels are made of the picture itself, at least one."""
        return max(1, self.scaled(self.length))

    def weights(self, start: int) -> Tensor:
        """What the pixels made of the tile at `start` count, (made,), from 0 to 1."""
        shared = self.made - self.scaled(self._step)
        left_out = shared // 3
        ramp = shared - 2 * left_out
        rising = ((torch.arange(self.made) - left_out + 1) / (ramp + 1)).clamp(0, 1)
        one = torch.ones(self.made)
        return torch.minimum(rising if start else one, rising.flip(0) if start + self.tile < self.padded else one)

    @property
    def _whole(self) -> int:
        """The least number of pixels of which whole ones are made."""
        return self.tile // gcd(self.tile, self.made)

    @property
    def _step(self) -> int:
        return max(self.tile // 2 // self._whole, 1) * self._whole

    def reflected(self) -> Tensor:
        """The places of the picture that the padded one shows, (padded,): beyond its end it is in the mirror."""
        there_and_back = max(2 * self.length - 2, 1)
        place = torch.arange(self.padded) % there_and_back
        return torch.minimum(place, there_and_back - place) if self.length > 1 else torch.zeros_like(place)


def tiled(
    make: Callable[[Tensor], Tensor],
    pictures: Tensor,
    tile: Sequence[int],
    made: Sequence[int],
    tell: Doing = nobody,
) -> Tensor:
    """Pictures (N, C', H', W') from pictures (N, C, H, W) of any size, by what turns tiles into what is made of them.

    `make` takes (B, C, *tile) and returns (B, *made), `made` being (C', h', w'); H' is to H as h' is to the tile's
    height. Where what `make` makes of a pixel depends on none further than a sixth of a tile away, the answer is that
    of `make` on the whole picture. Only so many tiles are in memory as make 2**20 numbers, or one. `tell` is told how
    far it is.
    """
    down, across = (Side(*sides) for sides in zip(pictures.shape[2:], tile, made[1:], strict=True))
    padded = pictures[:, :, down.reflected()][..., across.reflected()]
    whole = torch.zeros(len(pictures), made[0], down.scaled(down.padded), across.scaled(across.padded))
    places = list(product(range(len(pictures)), down.starts, across.starts))
    for some in _parts(places, max(1, _AT_ONCE // prod(made)), tell):
        tiles = torch.stack([padded[n, :, y : y + tile[0], x : x + tile[1]] for n, y, x in some])
        for (n, y, x), one in zip(some, make(tiles).cpu(), strict=True):
            top, left = down.scaled(y), across.scaled(x)
            weighed = one * down.weights(y)[:, None] * across.weights(x)
            whole[n, :, top : top + made[1], left : left + made[2]] += weighed
    whole /= _total(down)[:, None] * _total(across)
    return whole[..., : down.kept, : across.kept]


def _total(side: Side) -> Tensor:
    """What all tiles together count at each place of what is made, (padded,)."""
    total = torch.zeros(side.scaled(side.padded))
    for start in side.starts:
        place = side.scaled(start)
        total[place : place + side.made] += side.weights(start)
    return total


Place = tuple[int, int, int]


def _parts(places: Sequence[Place], size: int, tell: Doing) -> Iterator[Sequence[Place]]:
    """The places, `size` at a time, and between them how far it is."""
    began = time.monotonic()
    for done in range(0, len(places), size):
        tell(f"{done / len(places):.0%} of the tiles{left(began, done, len(places))}")
        yield places[done : done + size]


def left(began: float, done: int, total: int) -> str:
    """How long what began then has left, by what is done of it, in words after others; nothing before anything is."""
    return f", {(time.monotonic() - began) / done * (total - done):.0f} s left" if done else ""
