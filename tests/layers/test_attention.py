"""Attention over the places of a map."""

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from saddlepoint import networks
from saddlepoint.layers.attention import Attention


def looking(channels):
    torch.manual_seed(0)
    layer = Attention(channels).double()
    with torch.no_grad():
        layer.gamma.fill_(0.7)
    return layer


def test_it_starts_as_nothing():
    h = torch.randn(2, 16, 6, 4)
    assert torch.equal(Attention(16)(h), h)


def test_each_place_sees_the_mean_of_all_weighed_by_how_alike_they_are():
    layer, h = looking(16), torch.randn(1, 16, 4, 4, dtype=torch.float64)
    keys, values = (torch.max_pool2d(one(h), 2).flatten(2)[0].T for one in (layer.key, layer.value))
    for place, query in enumerate(layer.query(h).flatten(2)[0].T):
        seen = (torch.stack([query @ key for key in keys]).softmax(0)[:, None] * values).sum(0)
        out = layer.out(seen.view(1, -1, 1, 1)).flatten()
        assert torch.allclose(layer(h).flatten(2)[0, :, place], h.flatten(2)[0, :, place] + 0.7 * out)


@pytest.mark.parametrize("side", [1, 4])
def test_it_is_differentiable_twice(side):
    h = torch.randn(1, 8, side, side, dtype=torch.float64, requires_grad=True)
    assert gradcheck(looking(8), (h,))
    assert gradgradcheck(looking(8), (h,))


@pytest.mark.parametrize("attention", [0, 4, 8, 20, 32, 100])
def test_the_greatest_maps_that_are_small_enough_are_looked_across(attention):
    made = networks.build("resnet", width=8, attention=attention)
    up, down = made.decoder(4, (3, 32, 32), 0), made.encoder((3, 32, 32))
    for network, sides, start in ((up, [32, 16, 8], torch.randn(2, 4)), (down, [16, 8, 4], torch.randn(2, 3, 32, 32))):
        found = []
        for layer in network.modules():
            if isinstance(layer, Attention):
                layer.register_forward_hook(lambda layer, given, made, found=found: found.append(made.shape[-1]))
        network(start)
        assert found == [side for side in sides if side <= attention][:1]
