"""Layers that make maps larger and start without a checkerboard: all places of what they make are computed alike."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pad, pixel_shuffle


class Doubled(nn.ConvTranspose2d):
    """Maps (B, inputs, h, w) to (B, outputs, 2h, 2w): a transposed convolution of 4x4.

    Paper: Odena et al. 2016, Deconvolution and Checkerboard Artifacts; Aitken et al. 2017, Checkerboard Artifact Free
    Sub-Pixel Convolution, section 3

    It starts as a convolution of 3x3 after enlarging by nearest neighbours, at four ninths of that one's cost.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 4, stride=2, padding=1)
        kernel = self.weight.data.new_empty(outputs, inputs, 3, 3)
        nn.init.kaiming_normal_(kernel, 0.2, nonlinearity="leaky_relu")
        self.weight.data.copy_(4 * avg_pool2d(pad(kernel, (1, 1, 1, 1)), 2, stride=1).transpose(0, 1))
        assert self.bias is not None
        nn.init.zeros_(self.bias)


class SubPixel(nn.Module):
    """Maps (B, inputs, h, w) to (B, outputs, by h, by w): a convolution of 3x3 makes each place `by` x `by` ones.

    Paper: Shi et al. 2016, Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
    Neural Network, equation 4; Aitken et al. 2017, section 3 (the start)
    """

    def __init__(self, inputs: int, outputs: int, by: int) -> None:
        super().__init__()
        self.by = by
        self.layer = nn.Conv2d(inputs, outputs * by**2, 3, padding=1)
        for part in self.layer.parameters():
            part.data.copy_(part.data[:: by**2].repeat_interleave(by**2, 0))

    def forward(self, h: Tensor) -> Tensor:
        return pixel_shuffle(self.layer(h), self.by)
