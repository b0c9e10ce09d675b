"""How convolutions of networks without norms start."""

from __future__ import annotations

from torch import nn


def started(layer: nn.Conv2d, share: float = 1.0) -> nn.Conv2d:
    """`layer` with weights that keep the size of what passes leaky ReLUs, or a `share` of it, and zero biases.

    Paper: He et al. 2015, Delving Deep into Rectifiers, equation 14

    A small share is for the end of a branch, so that the network starts as what the branch is added to.
    """
    nn.init.kaiming_normal_(layer.weight, 0.2, nonlinearity="leaky_relu")
    layer.weight.data.mul_(share)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
