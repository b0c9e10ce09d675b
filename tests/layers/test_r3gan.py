"""Residual blocks without norms: how they start, and how maps are halved."""

import pytest
import torch
from torch.nn.functional import conv2d, pad

from saddlepoint import networks
from saddlepoint.networks.r3gan import _Block, _halved


def test_maps_are_halved_by_the_filter_one_three_three_one():
    h = torch.randn(2, 5, 6, 8)
    weight = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    kernel = (weight[:, None] * weight).expand(5, 1, 4, 4)
    expected = conv2d(pad(h, (1, 1, 1, 1), mode="replicate"), kernel, stride=2, groups=5)
    assert torch.allclose(_halved(h), expected, atol=1e-6)


def test_a_block_starts_as_nothing_and_keeps_the_variance_inside():
    torch.manual_seed(0)
    block, h = _Block(64, 16, 1), torch.randn(8, 64, 16, 16)
    assert torch.equal(block(h), h)
    inside = torch.nn.functional.leaky_relu(block.expand(h), 0.2)
    assert inside.square().mean().item() == pytest.approx(1, rel=0.1)
    deep = _Block(64, 16, 16).expand.weight.std() / block.expand.weight.std()
    assert deep.item() == pytest.approx(16**-0.25, rel=0.1)


def test_a_network_starts_at_the_variance_of_what_it_is_given():
    torch.manual_seed(0)
    made = networks.build("r3gan", width=16)
    x = made.decoder(64, (3, 32, 32), 0)(torch.randn(64, 64))
    assert 0.1 < x.square().mean() < 2
    features = made.encoder((3, 32, 32))(torch.randn(64, 3, 1, 1).expand(-1, -1, 32, 32))
    assert 0.3 < features.square().mean() < 3
