"""What a network makes becomes a sample: within bounds, with what is kept of what was given."""

import pytest
import torch

from saddlepoint import tasks
from saddlepoint.colour import lab_of, lightness_of
from saddlepoint.endings import MOST_CHROMA, Bounded, ending
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Derived
from tests.tasks.zoo import PICTURES, derived

KEPT = [(name, spec) for name in tasks.names() for spec in PICTURES if derived(name, spec) is not None]


def drawn(name: str, spec: Spec) -> tuple[Derived, dict[str, torch.Tensor]]:
    source = derived(name, spec)
    assert source is not None
    return source, dict(source.batches(6)(0))


@pytest.mark.parametrize(("name", "spec"), KEPT, ids=lambda one: getattr(one, "shape", one))
def test_whatever_a_network_makes_becomes_samples_within_bounds(name, spec):
    source, batch = drawn(name, spec)
    last = ending(source.spec)
    for size in (0.1, 1.0, 100.0):
        raw = size * torch.randn(6, *last.shape, generator=torch.Generator().manual_seed(0))
        x = last(raw.requires_grad_(), batch["y"])
        assert x.shape == (6, *spec.shape)
        assert x.abs().max() <= 1 + 1e-5
        (slope,) = torch.autograd.grad(x.sum(), raw)
        assert slope.isfinite().all()


def test_what_is_cut_is_pulled_back_and_pushed_no_further():
    raw = torch.tensor([[-3.0, -3.0, -0.5, 0.5, 3.0, 3.0]], requires_grad=True)
    last = ending(Spec((6,), bounds=(-1.0, 1.0)))
    assert last(raw).tolist() == [[-1, -1, -0.5, 0.5, 1, 1]]
    descent = torch.tensor([[1.0, -1.0, 1.0, -1.0, 1.0, -1.0]])
    (slope,) = torch.autograd.grad(last(raw), raw, -descent)
    assert (-slope).tolist() == [[1, 0, 1, -1, 0, -1]], "from below up, from above down"
    slope = torch.func.grad(lambda one: last(one).sum())(raw.detach())
    assert slope.tolist() == [[0, 0, 1, 1, 1, 1]], "as functions' gradients too"


def test_colours_keep_their_lightness_and_come_back_from_their_own_chroma():
    source, batch = drawn("grey", PICTURES[1])
    last, lab = ending(source.spec), lab_of((batch["x"] + 1) / 2)
    own = (lab[:, 1:] / MOST_CHROMA).atanh()
    assert torch.allclose(last(own, batch["y"]), batch["x"], atol=1e-3)
    made = last(0.05 * torch.randn_like(own), batch["y"])
    inside = (made.abs() < 1).all(1)
    assert inside.float().mean() > 0.5
    lightness = lightness_of((batch["y"] + 1) / 2)[:, 0]
    assert torch.allclose(lab_of((made + 1) / 2)[:, 0][inside], lightness[inside], atol=1e-2)


def test_colours_that_no_screen_shows_find_the_way_back():
    source, _ = drawn("grey", PICTURES[1])
    last, y = ending(source.spec), torch.full((1, 1, 1, 1), 0.9)
    raw = torch.tensor([2.0, -2.0]).reshape(1, 2, 1, 1).requires_grad_()
    for made in last(raw, y)[0, :, 0, 0]:
        assert torch.autograd.grad(made, raw, retain_graph=True)[0].abs().max() > 0, "cut or not"
    assert last(raw, y).abs().amax() == 1, "it is cut"
    mover = torch.optim.Adam([raw], 0.1)
    for _ in range(200):
        mover.zero_grad()
        (last(raw, y) - y).square().sum().backward()
        mover.step()
    assert (last(raw, y) - y).abs().max() < 0.01


def test_what_is_seen_of_a_picture_stays_to_the_last_bit():
    source, batch = drawn("hole", PICTURES[1])
    last = ending(source.spec)
    made = last(torch.randn(6, *last.shape, generator=torch.Generator().manual_seed(0)), batch["y"])
    known = (batch["y"][:, -1:] == 1).expand_as(made)
    assert torch.equal(made[known], batch["x"][known])
    assert not torch.isclose(made[~known], batch["x"][~known]).any(dim=0).all()
    half = torch.cat([torch.full((1, 3, 64, 64), 0.5), torch.zeros(1, 1, 64, 64)], dim=1)
    assert torch.allclose(last(torch.zeros(1, *last.shape), half), torch.full((), 0.25))


def test_other_samples_are_bounded_as_their_data_is():
    raw = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(Bounded(Spec((4,)))(raw), raw)
    assert torch.equal(Bounded(Spec((4,), bounds=(-1.0, 1.0)))(raw), raw.tanh())
    assert torch.equal(Bounded(Spec((4,), bounds=(0.0, 2.0)))(raw), 2 * raw.sigmoid())
    made = Bounded(Spec((4,), simplexes=((1, 4),)))(raw)
    assert torch.equal(made[:, 0], raw[:, 0])
    assert torch.allclose(made[:, 1:].sum(1), torch.ones(5))


def test_in_bfloat16_a_lightness_is_as_exact():
    spec = Spec((3, 2, 2), bounds=(-1.0, 1.0), given=Spec((1, 2, 2)), keeps="lightness", units=IMAGE_UNITS)
    last, y = ending(spec), torch.linspace(-1, 1, 4).reshape(1, 1, 2, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        made = last(torch.zeros(1, 2, 2, 2, dtype=torch.bfloat16), y)
    assert torch.allclose(made, y.expand(1, 3, 2, 2), atol=1e-5)
