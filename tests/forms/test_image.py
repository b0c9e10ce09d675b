"""Images as they are given to a model: channels, alpha, sizes."""

import pytest
import torch

from saddlepoint.colour import lab_of, lightness_of
from saddlepoint.forms.image import as_given, pillow, resized
from saddlepoint.spec import Spec

GREY, COLOUR, HOLED = Spec((1, 4, 4)), Spec((3, 4, 4)), Spec((4, 4, 4))


def test_colours_become_the_grey_that_pillow_makes_of_them():
    colours = torch.rand(1, 3, 5, 6)
    as_pillow = torch.tensor(list(pillow(colours[0]).convert("L").tobytes())).view(5, 6) / 255
    assert torch.allclose(as_given(colours, GREY)[0, 0], as_pillow, atol=2 / 255)


def test_where_lightness_is_kept_grey_is_as_light_as_the_colour():
    colours = torch.rand(2, 3, 5, 6)
    made = as_given(colours, GREY, "lightness")
    assert torch.allclose(lightness_of(made), lab_of(colours)[:, :1], atol=1e-2)
    grey = torch.rand(2, 1, 5, 6)
    assert torch.equal(as_given(grey, GREY, "lightness"), grey)


def test_transparent_pictures_lie_on_white_where_alpha_is_not_given():
    picture = torch.tensor([0.2, 0.4, 0.6, 0.5]).view(1, 4, 1, 1)
    assert torch.allclose(as_given(picture, COLOUR).flatten(), torch.tensor([0.6, 0.7, 0.8]))
    assert torch.equal(as_given(torch.rand(1, 3, 2, 2), HOLED)[:, 3], torch.ones(1, 2, 2))


def test_what_is_to_be_made_is_middle_grey_and_transparent_and_the_rest_is_kept():
    colours, alpha = torch.rand(1, 3, 2, 2), torch.tensor([[0.0, 0.4], [0.6, 1.0]]).view(1, 1, 2, 2)
    made = as_given(torch.cat([colours, alpha], 1), HOLED, "places")
    assert made[0, 3].tolist() == [[0, 0], [1, 1]]
    assert torch.equal(made[0, :3, 1], colours[0, :, 1])
    assert (made[0, :3, 0] == 0.5).all()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_picture_without_a_hole_is_refused_where_holes_are_filled(channels):
    with pytest.raises(ValueError, match="no transparent place, and such are what this run fills; erase"):
        as_given(torch.ones(1, channels, 2, 2), HOLED, "places")


def test_channels_that_are_no_picture_are_refused():
    with pytest.raises(ValueError, match="wanted pictures of 3 channels, got 7"):
        as_given(torch.ones(1, 7, 2, 2), COLOUR)


def test_sizes():
    x = torch.rand(1, 1, 4, 4)
    assert resized(x, (4, 4)) is x
    assert resized(x, (8, 2)).shape == (1, 1, 8, 2)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_as_pillow_has_it(channels, mode):
    made = pillow(torch.rand(channels, 3, 5))
    assert (made.mode, made.size) == (mode, (5, 3))
