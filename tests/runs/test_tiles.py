"""Pictures in tiles: what a whole picture would give where the network sees no further than tiles do, else no seam."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, interpolate

from saddlepoint import networks
from saddlepoint.runs.tiles import Side, tiled


def convolutions(layers, inputs=3, out=2, by=1):
    """A network that sees `layers` pixels in each direction, and makes sides `by` times as long."""
    torch.manual_seed(0)
    widths = [inputs, *[6] * (layers - 1), out * by * by]
    made = [part for a, b in itertools.pairwise(widths) for part in (nn.Conv2d(a, b, 3, padding=1), nn.Tanh())]
    return nn.Sequential(*made[:-1], nn.PixelShuffle(by)).requires_grad_(False)


@pytest.mark.parametrize(
    ("layers", "tile", "size"),
    [
        (2, (12, 12), (12, 12)),
        (2, (12, 12), (61, 12)),
        (3, (18, 24), (55, 100)),
        (5, (32, 32), (33, 130)),
        (10, (64, 64), (64, 65)),
    ],
)
def test_tiles_give_the_same_picture_as_the_whole(layers, tile, size):
    net, pictures = convolutions(layers), torch.randn(2, 3, *size)
    assert torch.allclose(tiled(net, pictures, tile, (2, *tile)), net(pictures), atol=1e-5)


@pytest.mark.parametrize("by", [2, 3])
def test_tiles_of_larger_pictures_give_the_same_as_the_whole(by):
    net, pictures = convolutions(2, by=by), torch.randn(1, 3, 45, 31)
    made = tiled(net, pictures, (16, 12), (2, 16 * by, 12 * by))
    assert made.shape[2:] == (45 * by, 31 * by)
    assert torch.allclose(made, net(pictures), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "options", "tile", "by"),
    [
        ("unet", {"depth": 2}, 96, 1),
        ("unet", {"depth": 1, "added": True}, 48, 1),
        ("resnet", {"blocks": 1, "translator_norm": "none"}, 192, 1),
        ("srresnet", {"blocks": 1}, 48, 4),
    ],
)
def test_translators_that_see_no_further_give_the_same_in_tiles_as_in_one(name, options, tile, by):
    """Of sides that halvings divide: where a last tile begins elsewhere, other pixels are halved together."""
    larger = (tile + 36, tile + 76)
    torch.manual_seed(0)
    small, large = (
        networks.build(name, width=4, **options).translating((3, *size), (3, *(by * side for side in size)))
        for size in ((tile, tile), larger)
    )
    large.load_state_dict(small.state_dict())
    pictures = torch.rand(1, 3, *larger) * 2 - 1
    with torch.no_grad():
        made, whole = tiled(small, pictures, (tile, tile), (3, by * tile, by * tile)), large(pictures)
    assert torch.allclose(made, whole, atol=1e-5)


def test_a_pixel_further_than_the_network_sees_makes_all_the_difference_this_can_tell():
    """The test above can fail: a network that sees further than tiles do gives something else."""
    net, pictures = convolutions(9), torch.randn(1, 3, 60, 60)
    assert not torch.allclose(tiled(net, pictures, (12, 12), (2, 12, 12)), net(pictures), atol=1e-5)


def test_between_tiles_of_different_answers_there_is_a_ramp():
    """Of answers that are all of one value the picture goes straight from one to the next."""
    picture = torch.arange(128.0).expand(1, 1, 64, 128)
    made = tiled(lambda x: x.mean((2, 3), keepdim=True).expand_as(x), picture, (64, 64), (1, 64, 64))
    side = Side(128, 64, 64)
    shared = 32 - 2 * (32 // 3)
    assert side.starts == [0, 32, 64]
    steps = made[0, 0].diff(dim=1)
    assert steps.max() == pytest.approx(32 / (shared + 1), rel=1e-4), "the answers of neighbours are 32 apart"
    assert steps.min() >= -1e-4


def test_no_seam_is_seen_of_a_network_that_sees_all_of_a_tile():
    """Where tiles end the picture is as smooth as elsewhere, and laid side by side they are not."""
    torch.manual_seed(0)
    net = networks.build("unet", width=16).translating((3, 32, 32), (3, 32, 32)).requires_grad_(False)
    pictures = interpolate(torch.randn(1, 3, 12, 12), (160, 160), mode="bicubic")
    ends = [32 * k for k in range(1, 5)]

    def roughness(made):
        second = conv2d(made.mean(1, keepdim=True), torch.tensor([[[[1.0, -2.0, 1.0]]]])).abs().mean((0, 1, 2))
        at = torch.stack([second[end - 2 : end].max() for end in ends]).mean()
        return float(at / second.median())

    beside = torch.cat([torch.cat([net(t) for t in row.split(32, 3)], 3) for row in pictures.split(32, 2)], 2)
    assert roughness(tiled(net, pictures, (32, 32), (3, 32, 32))) < 2
    assert roughness(beside) > 4


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (5, 40), (15, 3)])
def test_pictures_smaller_than_a_tile_come_back_in_their_size(size):
    pictures = torch.rand(1, 3, *size)
    assert torch.allclose(tiled(lambda x: x, pictures, (16, 16), (3, 16, 16)), pictures)


def test_pictures_smaller_than_a_tile_are_continued_in_the_mirror():
    seen = []
    tiled(lambda x: seen.append(x) or x, torch.tensor([[0.0, 1.0, 2.0]]).expand(1, 1, 1, 3), (2, 8), (1, 2, 8))
    assert seen[0].tolist() == [[[[0, 1, 2, 1, 0, 1, 2, 1]] * 2]]


@pytest.mark.parametrize(
    ("length", "tile", "made"),
    [(100, 64, 64), (21, 8, 30), (21, 5, 7), (7, 1, 1), (3, 1, 4), (64, 64, 16), (65, 64, 16)],
)
def test_every_pixel_counts(length, tile, made):
    side = Side(length, tile, made)
    total = torch.zeros(side.scaled(side.padded))
    for start in side.starts:
        assert side.scaled(start) * tile == start * made, "tiles begin at whole pixels of what is made"
        total[side.scaled(start) : side.scaled(start) + made] += side.weights(start)
    assert side.starts[-1] + tile == side.padded >= length
    assert total.min() > 0
    whole = torch.ones(1, 1, length, tile)
    answer = tiled(lambda x: torch.ones(len(x), 1, made, made), whole, (tile, tile), (1, made, made))
    assert answer.shape == (1, 1, max(1, round(length * made / tile)), made)
    assert torch.allclose(answer, torch.ones(()))


def test_many_tiles_are_not_in_memory_at_once():
    sizes = []

    def make(x):
        sizes.append(len(x))
        return x.expand(-1, 4, -1, -1)

    tiled(make, torch.zeros(1, 1, 1024, 1024), (128, 128), (4, 128, 128))
    assert max(sizes) == 16
    assert sum(sizes) == 15 * 15


def test_how_far_it_is_is_told():
    told = []
    tiled(lambda x: x, torch.zeros(9, 1, 512, 512), (512, 512), (1, 512, 512), told.append)
    assert told[0] == "0% of the tiles"
    assert told[1].startswith("44% of the tiles, ")
    assert told[1].endswith(" s left")
