"""What every network from images to images must keep, and every discriminator that scores places."""

import itertools

import pytest
import torch
from torch.nn.functional import interpolate

from saddlepoint import networks
from saddlepoint.errors import BadOption
from saddlepoint.laws.networks import PAIRS
from saddlepoint.layers.enlarging import Doubled, SubPixel
from saddlepoint.layers.normalisation import Normalised
from saddlepoint.layers.patches import Patches
from tests.laws.test_networks import FIELDS

TRANSLATORS = [name for name in networks.names() if networks.build(name).translator]


def few(name, **options):
    """A network of few layers, where it has a say in how many."""
    layers = {
        key: value for key, value in {"blocks": 1, "depth": 2}.items() if key in networks.shelf.entry(name).options
    }
    return networks.build(name, width=4, **layers, **options)


@pytest.mark.parametrize("name", TRANSLATORS)
def test_its_maps_begin_with_its_input_and_become_no_larger(name):
    torch.manual_seed(0)
    translator = networks.build(name, width=4).translating((2, 12, 10), (3, 12, 10)).eval()
    y = torch.randn(2, 2, 12, 10)
    maps = translator.down(y)
    assert maps[0] is y
    assert all(below.shape[2:] <= above.shape[2:] for above, below in itertools.pairwise(maps))


@pytest.mark.parametrize("given", [(1, 160, 160), (1, 40, 40)], ids=str)
@pytest.mark.parametrize("name", TRANSLATORS)
def test_no_checkerboard_at_the_start(name, given):
    """Far from the edges one colour becomes one colour: no place is computed otherwise than its neighbour."""
    torch.manual_seed(0)
    plain = {"translator_norm": "none"} if "translator_norm" in networks.shelf.entry(name).options else {}
    with torch.no_grad():
        x = few(name, **plain).translating(given, (3, 160, 160))(torch.full((1, *given), 0.7))
    centre = x[..., 76:84, 76:84]
    assert centre.abs().min() > 1e-4
    assert torch.allclose(centre, centre[..., :1, :1].expand_as(centre), atol=1e-5)


@pytest.mark.parametrize("name", [name for name in TRANSLATORS if "dropout" in networks.shelf.entry(name).options])
def test_dropout_is_noise_only_where_asked_for(name):
    torch.manual_seed(0)
    y = torch.randn(2, 3, 32, 32)
    for noise in (False, True):
        translator = networks.build(name, width=8, dropout=0.5, noise=noise).translating((3, 32, 32), (3, 32, 32))
        assert not torch.equal(translator.train()(y), translator(y))
        assert torch.equal(translator.eval()(y), translator(y)) != noise
    with pytest.raises(BadOption, match=r"network.dropout is 0; take --network.dropout 0.5"):
        networks.build(name, noise=True)


@pytest.mark.parametrize(("given", "shape"), [*PAIRS, ((1, 9, 6), (3, 9, 6))], ids=str)
@pytest.mark.parametrize(("name", "options"), [("srresnet", {}), ("unet", {"added": True})], ids=str)
def test_what_is_added_to_is_what_is_given_enlarged(name, options, given, shape):
    translator = networks.build(name, width=4, **options).translating(given, shape)
    for parameter in translator.inner.last.parameters():
        parameter.data.zero_()
    y = torch.randn(2, *given)
    enlarged = interpolate(y, shape[1:], mode="bicubic", antialias=True) if given[1:] != shape[1:] else y
    alike = enlarged if given[0] == shape[0] else enlarged.mean(1, keepdim=True).expand(2, *shape)
    assert torch.allclose(translator(y), alike, atol=1e-5)


def test_super_resolution_works_at_the_size_of_what_is_given():
    translator = networks.build("srresnet", width=4).translating((3, 4, 5), (3, 24, 30))
    assert {tuple(h.shape[2:]) for h in translator.down(torch.randn(2, 3, 4, 5))} == {(4, 5)}
    assert [layer.by for layer in translator.inner.enlarging] == [2, 3]
    assert not networks.build("srresnet", width=4).translating((3, 4, 5), (3, 20, 25)).inner.enlarging


def test_what_a_network_lacks_is_refused_in_one_line():
    for name in ("unet", "srresnet"):
        with pytest.raises(BadOption, match=f"network '{name}' turns pictures into pictures; .* take --network dcgan"):
            networks.build(name).decoder(3, (3, 8, 8), 0)
    for name in networks.names():
        if name not in TRANSLATORS:
            with pytest.raises(BadOption, match="take --network unet"):
                networks.build(name).translating((3, 8, 8), (3, 8, 8))
    with pytest.raises(BadOption, match=r"minibatch std looks across whole pictures; take --network.field whole"):
        networks.build("resnet", minibatch="std", field="34")


def seen(encoder, x, place):
    """The rows and columns of pixels that move the features of one place: (first, last), (first, last)."""
    x = x.clone().requires_grad_()
    encoder(x)[place].sum().backward()
    rows, columns = (x.grad[0, 0].abs().sum(dim).nonzero().flatten() for dim in (1, 0))
    return (int(rows[0]), int(rows[-1])), (int(columns[0]), int(columns[-1]))


@pytest.mark.parametrize("field", FIELDS)
def test_a_place_sees_its_field(field):
    torch.manual_seed(0)
    stride = 2 ** FIELDS[field]
    high, wide = 2 * int(field), 2 * int(field) + 2 * stride
    encoder = Patches(field, (1, high, wide), 1, "none", spectral_norm=False).double()
    x = torch.randn(1, 1, high, wide, dtype=torch.float64)
    columns = wide // stride - 2
    assert len(encoder(x)) == (high // stride - 2) * columns
    centre = (high // stride - 2) // 2 * columns + columns // 2
    (top, bottom), (left, right) = seen(encoder, x, centre)
    assert (bottom - top + 1, right - left + 1) == (int(field), int(field))
    assert seen(encoder, x, centre + 1) == ((top, bottom), (left + stride, right + stride))
    assert seen(encoder, x, centre + columns) == ((top + stride, bottom + stride), (left, right))


def test_a_field_of_one_is_a_pixel():
    encoder = Patches("1", (1, 4, 5), 3, "none", spectral_norm=False)
    x = torch.randn(2, 1, 4, 5)
    assert encoder(x).shape == (2 * 20, 6)
    assert seen(encoder, x[:1], 7) == ((1, 1), (2, 2))


def test_the_rows_of_a_sample_follow_each_other():
    torch.manual_seed(0)
    encoder = Patches("16", (2, 12, 20), 3, "none", spectral_norm=False)
    x = torch.randn(3, 2, 12, 20)
    assert torch.allclose(encoder(x), torch.cat([encoder(one[None]) for one in x]), atol=1e-6)


def test_a_doubled_map_starts_as_a_convolution_of_nearest_neighbours():
    torch.manual_seed(0)
    layer, h = Doubled(3, 2), torch.randn(1, 3, 6, 5)
    # The corners of the kernel of 4x4 are sums of that of 3x3 from its own corner on.
    kernel = layer.weight.detach().transpose(0, 1).clone()
    for dim in (2, 3):
        first, second, third, _ = kernel.unbind(dim)
        kernel = torch.stack([first, second - first, third - second + first], dim)
    enlarged = interpolate(h, scale_factor=2.0, mode="nearest")
    plain = torch.nn.functional.conv2d(enlarged, kernel.flip(2, 3), padding=1)
    assert torch.allclose(layer(h), plain, atol=1e-5)


@pytest.mark.parametrize("by", [2, 3])
def test_the_parts_of_a_pixel_start_alike(by):
    torch.manual_seed(0)
    x = SubPixel(3, 2, by)(torch.randn(2, 3, 5, 4))
    assert x.shape == (2, 2, 5 * by, 4 * by)
    assert torch.equal(x, interpolate(x[..., ::by, ::by], scale_factor=float(by), mode="nearest"))


@pytest.mark.parametrize("norm", ["instance", "layer"])
def test_a_norm_is_the_same_in_either_memory_layout(norm):
    torch.manual_seed(0)
    layer, h = Normalised(norm, 6), torch.randn(2, 6, 9, 5)
    last = h.contiguous(memory_format=torch.channels_last)
    assert torch.allclose(layer(h), layer(last), atol=1e-6)
    assert layer(last).is_contiguous(memory_format=torch.channels_last)
