"""CIELAB against published values, back to where it came from, with finite gradients in every corner."""

import pytest
import torch

from saddlepoint.colour import grey_of, lab_of, lightness_of, rgb_of

# As scikit-image's rgb2lab, colour-science and brucelindbloom.com have them under D65, to the digits shown.
KNOWN = {
    (1.0, 0.0, 0.0): (53.24, 80.09, 67.20),
    (0.0, 1.0, 0.0): (87.73, -86.18, 83.18),
    (0.0, 0.0, 1.0): (32.30, 79.19, -107.86),
    (1.0, 1.0, 1.0): (100.0, 0.0, 0.0),
    (0.0, 0.0, 0.0): (0.0, 0.0, 0.0),
    (0.5, 0.5, 0.5): (53.39, 0.0, 0.0),
    (1.0, 1.0, 0.0): (97.14, -21.55, 94.48),
}


def pixel(*values):
    return torch.tensor(values, dtype=torch.float64).reshape(1, len(values), 1, 1)


def corners(dtype=torch.float32):
    steps = torch.tensor([0.0, 0.01, 0.04045, 0.2, 0.7, 1.0], dtype=dtype)
    return torch.cartesian_prod(steps, steps, steps).T.reshape(1, 3, 1, -1)


@pytest.mark.parametrize(("rgb", "lab"), KNOWN.items())
def test_known_colours(rgb, lab):
    assert lab_of(pixel(*rgb)).flatten().tolist() == pytest.approx(lab, abs=0.01)
    assert rgb_of(pixel(*lab)).flatten().tolist() == pytest.approx(rgb, abs=5e-4)


def test_there_and_back():
    rgb = torch.rand(4, 3, 9, 7, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(rgb_of(lab_of(rgb)), rgb, atol=1e-5)
    assert torch.allclose(rgb_of(lab_of(corners())), corners(), atol=1e-5)


def test_the_grey_of_a_colour_is_as_light_and_has_no_chroma():
    rgb = corners(torch.float64)
    grey = grey_of(rgb)
    lab = lab_of(grey.expand_as(rgb))
    assert torch.allclose(lab[:, :1], lab_of(rgb)[:, :1], atol=1e-9)
    assert torch.allclose(lab[:, :1], lightness_of(grey), atol=1e-9)
    assert lab[:, 1:].abs().max() < 1e-9
    assert torch.allclose(grey_of(grey.expand_as(rgb)), grey, atol=1e-9)


@pytest.mark.parametrize("to", [lab_of, grey_of, lightness_of, lambda x: rgb_of(lab_of(x)), lambda x: rgb_of(100 * x)])
def test_gradients_are_finite_everywhere(to):
    x = corners().requires_grad_()
    (slope,) = torch.autograd.grad(to(x).sum(), x)
    assert slope.isfinite().all()
    assert (slope != 0).any()


@pytest.mark.parametrize("to", [lab_of, rgb_of, grey_of])
def test_gradients_are_those_of_differences(to):
    scale = 50 if to is rgb_of else 1
    x = (0.2 + 0.6 * torch.rand(1, 3, 2, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)) * scale
    assert torch.autograd.gradcheck(to, x.requires_grad_())
