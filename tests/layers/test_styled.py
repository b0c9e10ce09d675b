"""Layers with styles beside their equations, and how they start."""

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, conv_transpose2d, interpolate, leaky_relu

from saddlepoint.layers.equalised import doubled, equalised, pixel_norm
from saddlepoint.layers.products import Transposed
from saddlepoint.layers.styled import Mapping, Modulated, Noise, ToImage


@pytest.mark.parametrize(
    "layer",
    [nn.Linear(400, 300), nn.Conv2d(60, 80, 3, padding=1)],
    ids=["linear", "convolution"],
)
def test_an_equalised_layer_keeps_the_size_of_what_goes_in(layer):
    torch.manual_seed(0)
    made = equalised(layer, gain=1.0, rate=0.1)
    x = torch.randn(8, 400) if isinstance(layer, nn.Linear) else torch.randn(4, 60, 24, 24)
    assert made(x).std().item() == pytest.approx(1, rel=0.1)
    stored = made.parametrizations.weight.original
    assert stored.std().item() == pytest.approx(10, rel=0.02), "stored at one over its rate"


def test_a_doubling_layer_is_a_convolution_after_enlarging_by_whole_places():
    torch.manual_seed(0)
    layer, h = doubled(6, 5), torch.randn(3, 6, 7, 4)
    stored = layer.parametrizations.weight.original
    assert stored.shape == (6, 5, 3, 3)
    kernel = stored.transpose(0, 1).flip(2, 3) * (2 / 54) ** 0.5
    expected = conv2d(interpolate(h, scale_factor=2), kernel, padding=1)
    assert torch.allclose(layer(h), expected, atol=1e-5)
    flat = doubled(1, 1, gain=1.0)(torch.ones(1, 1, 8, 8))[..., 2:-2, 2:-2]
    assert torch.allclose(flat, flat[..., :1, :1].expand_as(flat), atol=1e-6), "no checkerboard"


def test_a_rate_is_how_much_less_a_layer_moves_for_the_same_move_of_what_is_stored():
    slow, usual = (equalised(nn.Linear(5, 3), rate=rate) for rate in (0.1, 1.0))
    for layer in (slow, usual):
        before = layer.weight.clone(), layer.bias.clone()
        with torch.no_grad():
            for stored in layer.parameters():
                stored.add_(1.0)
        layer.moved = layer.weight - before[0], layer.bias - before[1]
    for one, other in zip(slow.moved, usual.moved, strict=True):
        assert torch.allclose(one, 0.1 * other, atol=1e-6)


def by_the_equations(layer, h, w):
    """Sample by sample: the weight times the scales, over the root of its squares, then the convolution."""
    scales, made = layer.scales(w), []
    for one, s in zip(h, scales, strict=True):
        weight = layer.layer.weight
        if isinstance(layer.layer, Transposed):
            weight = weight * s[:, None, None, None]
            weight = weight / (weight.square().sum((0, 2, 3), keepdim=True) / 4 + 1e-8).sqrt()
            made.append(conv_transpose2d(one[None], weight, stride=2, padding=1))
        else:
            weight = weight * s[:, None, None]
            weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
            made.append(conv2d(one[None], weight, padding=1))
    return torch.cat(made)[..., : layer.size[0], : layer.size[1]]


@pytest.mark.parametrize(("up", "size"), [(False, (6, 5)), (True, (12, 9))])
def test_modulation_is_that_of_the_papers_equations(up, size):
    torch.manual_seed(1)
    layer = Modulated(4, 7, 3, size, up=up)
    h, w = torch.randn(5, 4, 6, 5), torch.randn(5, 3)
    expected = leaky_relu(by_the_equations(layer, h, w), 0.2) * 2**0.5
    assert torch.allclose(layer(h, w), expected, atol=1e-5)


def test_an_image_is_a_sum_over_scaled_maps():
    torch.manual_seed(2)
    layer = ToImage(6, 3, 4)
    h, w = torch.randn(5, 6, 4, 3), torch.randn(5, 4)
    expected = torch.stack(
        [conv2d(one, (layer.layer.weight * s)[:, :, None, None]) for one, s in zip(h, layer.scales(w), strict=True)]
    )
    assert torch.allclose(layer(h, w), expected, atol=1e-5)


def test_noise_is_drawn_in_training_alone_and_starts_without_strength():
    layer, h = Noise((6, 5)), torch.randn(4, 3, 6, 5)
    assert torch.equal(layer(h), h)
    nn.init.ones_(layer.strength)
    assert not torch.equal(layer(h), layer(h))
    layer.eval()
    assert torch.equal(layer(h) - h, (h + layer.fixed) - h)


def test_a_mapping_heeds_directions_and_labels_alone():
    torch.manual_seed(3)
    mapping, z, y = Mapping(8, 3, 6, 2), torch.randn(5, 8), torch.tensor([0, 1, 2, 0, 1])
    assert torch.allclose(mapping(z, y), mapping(3 * z, y), atol=1e-5)
    assert not torch.allclose(mapping(z, y), mapping(z, (y + 1) % 3))
    one_hot = nn.functional.one_hot(y, 3).float()
    assert torch.allclose(mapping(z, y), mapping(z, one_hot))
    assert pixel_norm(z).square().mean(1).allclose(torch.ones(5))
