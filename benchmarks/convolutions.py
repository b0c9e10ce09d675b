"""How fast are small convolutions in bfloat16 on this CPU, by torch and as products of matrices?

python benchmarks/convolutions.py

Of each layer of the default networks for 64x64 pictures and of two of residual blocks: GFLOP/s of the convolution and
of the gradient of its weights, torch's own and ours, turn by turn; `ratio` is torch's time over ours.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import torch
from loop import seconds
from record import keep
from torch import Tensor

from saddlepoint.layers import products

LAYERS = [
    (32, 64, 128, 4, 2),
    (16, 128, 256, 4, 2),
    (8, 256, 512, 4, 2),
    (4, 512, 512, 4, 2),
    (8, 128, 128, 3, 1),
    (4, 256, 256, 3, 1),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tries", type=int, default=15)
    told = parser.parse_args()
    torch.set_num_threads(told.threads)
    for layer in LAYERS:
        measure(*layer, told.batch, told.tries)


@torch.no_grad()
def measure(side: int, inputs: int, outputs: int, kernel: int, stride: int, batch: int, tries: int) -> None:
    """Both ways of one layer."""
    x, weight = (
        torch.randn(*shape).bfloat16().to(memory_format=torch.channels_last)
        for shape in ((batch, inputs, side, side), (outputs, inputs, kernel, kernel))
    )
    maps = torch.conv2d(x, weight, None, stride, 1)
    slope = torch.randn_like(maps)
    work = 2e-9 * maps.numel() * inputs * kernel**2
    backward = torch.ops.aten.convolution_backward

    def own() -> Tensor:
        how = None, [stride] * 2, [1, 1], [1, 1], False, [0, 0], 1, [False, True, False]
        made: Tensor = backward(slope, x, weight, *how)[1]
        return made

    ways = {
        "convolution": (lambda: torch.conv2d(x, weight, None, stride, 1), lambda: by_product(x, weight, stride)),
        "weights": (own, lambda: products._Weights.apply(x, slope, stride, 1)),
    }
    for what, (theirs, ours) in ways.items():
        assert (theirs().float() - ours().float()).norm() < 0.01 * theirs().float().norm()
        best = fastest(theirs, ours, tries)
        rates = [round(work / one) for one in best]
        layer = f"{inputs} to {outputs}, {kernel}x{kernel}, {side}x{side} to {maps.shape[-1]}x{maps.shape[-1]}"
        keep(
            "convolutions",
            layer=layer,
            what=what,
            ratio=round(best[0] / best[1], 2),
            torch_gflops=rates[0],
            ours_gflops=rates[1],
            batch=batch,
            threads=torch.get_num_threads(),
        )


def by_product(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """The convolution as a product, whether or not the layers would take one."""
    columns = products._columns(x, weight.shape[2], stride, 1)
    return products._as_maps(columns.flatten(0, 2) @ products._rows(weight).T, columns)


def fastest(one: Callable[[], Tensor], other: Callable[[], Tensor], tries: int) -> tuple[float, float]:
    """The least seconds of either, turn by turn."""
    rounds = [(seconds(one), seconds(other)) for _ in range(tries)]
    return min(first for first, _ in rounds), min(second for _, second in rounds)


if __name__ == "__main__":
    main()
