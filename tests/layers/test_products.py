"""Convolutions as products of matrices: what torch's own make, and their gradients to the second order."""

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck, gradgradcheck

from saddlepoint.layers import products
from saddlepoint.layers.products import Convolution, Transposed

SHAPES = [(4, 2, 1, 8, 6), (4, 2, 1, 4, 4), (3, 1, 1, 5, 4), (1, 1, 0, 3, 3), (4, 2, 1, 2, 2)]


@pytest.mark.parametrize(("kernel", "stride", "padding", "height", "width"), SHAPES)
def test_each_is_the_gradient_of_the_other_two(kernel, stride, padding, height, width):
    torch.manual_seed(0)
    how = stride, padding
    x = torch.randn(2, 3, height, width, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(5, 3, kernel, kernel, dtype=torch.float64, requires_grad=True)
    expected = torch.conv2d(x, weight, None, stride, padding)
    maps = torch.randn_like(expected).requires_grad_()
    assert torch.allclose(products._Maps.apply(x, weight, *how), expected)
    images = torch.conv_transpose2d(maps, weight, None, stride, padding)
    assert torch.allclose(products._Images.apply(maps, weight, *how), images)
    (of_weight,) = torch.autograd.grad(expected, weight, maps)
    assert torch.allclose(products._Weights.apply(x, maps, *how), of_weight)
    for made, inputs in (
        (products._Maps, (x, weight)),
        (products._Images, (maps, weight)),
        (products._Weights, (x, maps)),
    ):
        assert gradcheck(lambda one, other, made=made: made.apply(one, other, *how), inputs)
        assert gradgradcheck(lambda one, other, made=made: made.apply(one, other, *how), inputs)


def layers(**options):
    """A layer of ours and torch's own with the same weights, down and up."""
    torch.manual_seed(0)
    for ours, own, channels in ((Convolution, nn.Conv2d, (16, 24)), (Transposed, nn.ConvTranspose2d, (24, 16))):
        one, other = (
            ours(*channels, 4, stride=2, padding=1, **options),
            own(*channels, 4, stride=2, padding=1, **options),
        )
        other.load_state_dict(one.state_dict())
        yield one.to(memory_format=torch.channels_last), other.to(memory_format=torch.channels_last), channels[0]


@pytest.mark.parametrize("side", [2, 4, 8, 16])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_in_bfloat16_is_torchs_own_but_for_rounding(side, bias):
    for one, other, channels in layers(bias=bias):
        x = torch.randn(6, channels, side, side).to(memory_format=torch.channels_last)
        found = []
        for layer in (one, other):
            given = x.clone().requires_grad_()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                made = layer(given)
            assert made.dtype == torch.bfloat16
            found.append([made, *torch.autograd.grad(made.float().square().sum(), [given, *layer.parameters()])])
        for ours, own in zip(*found, strict=True):
            assert ours.shape == own.shape
            assert (ours.float() - own.float()).norm() <= 0.01 * own.float().norm()


@pytest.mark.parametrize("side", [4, 7])
def test_in_float32_and_where_steps_miss_the_edge_it_is_torchs_own_bit_for_bit(side):
    for one, other, channels in layers():
        x = torch.randn(3, channels, side, side)
        assert torch.equal(one(x), other(x))
        if side == 7 and isinstance(one, nn.Conv2d):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                assert torch.equal(one(x), other(x))
