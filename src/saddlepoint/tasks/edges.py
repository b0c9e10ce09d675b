"""Pictures from their edges."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

from saddlepoint.ranges import Share
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Task, pictures


def edges(spec: Spec, *, share: Share = 0.15) -> Task:
    """Pictures from their edges, white on black.

    Paper: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks (edges to photos; theirs
    are found by a network)

    Edges are where the slope (Sobel) of the mean of the channels, smoothed over 3 x 3 places, is among the steepest
    `share` of a picture; where more places than that are as steep as each other, as on flat ground, none of them is.
    """
    _, height, width = pictures(spec, "edges")
    rank = height * width - int(share * height * width)

    def leave(x: Tensor, source: torch.Generator) -> Tensor:
        steep = _slope(avg_pool2d(_framed(x.mean(1, keepdim=True)), 3, 1))
        least = steep.flatten(1).kthvalue(max(rank, 1)).values.reshape(-1, 1, 1, 1)
        return (steep > least).to(x.dtype).mul_(2).sub_(1)

    given = Spec((1, height, width), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    return Task(given, leave, identity={"name": "edges", "share": share})


def _framed(x: Tensor) -> Tensor:
    """Pictures with their outermost places once more around them."""
    return pad(x, (1, 1, 1, 1), mode="replicate")


def _slope(x: Tensor) -> Tensor:
    """The square of the slope (B, 1, H, W) of pictures x (B, 1, H, W): Sobel's two filters, each in two passes."""
    framed = _framed(x)
    across, down = framed[..., 2:] - framed[..., :-2], framed[..., 2:, :] - framed[..., :-2, :]
    across = across[..., :-2, :] + 2 * across[..., 1:-1, :] + across[..., 2:, :]
    down = down[..., :-2] + 2 * down[..., 1:-1] + down[..., 2:]
    return across.square() + down.square()
