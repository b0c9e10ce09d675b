"""What every network and prior, found by discovery, must keep: `saddlepoint.laws` says it; closed forms beside."""

from math import prod

import pytest
import torch

from saddlepoint import networks, priors
from saddlepoint.architecture import Discriminator, Generator
from saddlepoint.laws.networks import SHAPES
from saddlepoint.spec import Spec
from tests.laws import Shelf

NETWORKS, PRIORS = Shelf("network"), Shelf("prior")
# How often a field of view halves the sides.
FIELDS = {"16": 1, "34": 2, "70": 3, "142": 4, "286": 5}


@NETWORKS.over_all()
def test_every_network_keeps_the_law(law, case):
    law.hold(case)


@PRIORS.over_all()
def test_every_prior_keeps_the_law(law, case):
    law.hold(case)


@pytest.mark.parametrize("name", networks.names())
def test_what_is_refused_is_refused_with_what_is_wanted(name):
    NETWORKS.demand_wants(name)


@pytest.mark.parametrize("name", networks.names())
def test_samples_of_every_shape_are_scored(name):
    """With each choice of an option that is taken at all, by a discriminator beside a generator or alone."""
    scored = {}
    for case in NETWORKS.taken[name]:
        if case.part != "translator":
            scored.setdefault(str(dict(case.options)), set()).add(case.shape)
    assert all(shapes == set(SHAPES) for shapes in scored.values())
    assert "{}" in scored


def places_of(name, options, shape):
    """How many scores a sample of `shape` gets: by the arithmetic of the convolutions, of which an image has enough."""
    field = networks.shelf.entry(name).complete(options, "network").get("field", "whole")
    sides = (*shape[1:], 1, 1)[:2]
    if field in ("whole", "1"):
        return 1 if field == "whole" else sides[0] * sides[1]
    halvings = FIELDS[field]
    while halvings and min(sides) // 2**halvings < 3:
        halvings -= 1
    return prod(max(side // 2**halvings, 3) - 2 for side in sides)


@pytest.mark.parametrize("name", networks.names())
def test_a_sample_has_as_many_scores_as_it_has_places(name):
    for case in (one for one in NETWORKS.taken[name] if one.part != "translator"):
        with torch.no_grad():
            scores = Discriminator(case.network, case.spec, "none")(torch.randn(2, *case.shape))
        assert scores.shape == (2 * places_of(name, case.options, case.shape),), case.on


def test_conditional_norms_start_alike_and_can_part():
    from saddlepoint.layers.normalisation import Normalised

    norm = Normalised("batch", 3, classes=2)
    h = torch.randn(8, 3, 2, 2)
    y = torch.tensor([0, 1] * 4)
    assert torch.allclose(norm(h, y), norm(h, 1 - y))
    norm.table.weight.data.normal_()
    assert not torch.allclose(norm(h, y), norm(h, 1 - y))


def test_a_batch_that_is_not_finite_leaves_running_moments_as_they_were():
    from saddlepoint.layers.normalisation import Normalised

    norm, h = Normalised("batch", 3), torch.randn(8, 3, 2, 2)
    norm(h)
    before = {key: value.clone() for key, value in norm.state_dict().items() if "running" in key}
    norm(h * float("nan"))
    assert before
    assert all(torch.equal(norm.state_dict()[key], value) for key, value in before.items())
    out = norm(h.requires_grad_()).sum() + norm(h).sum()
    out.backward()
    assert not any(torch.equal(norm.state_dict()[key], value) for key, value in before.items())


def test_categories_come_out_as_shares():
    spec = Spec((5,), simplexes=((1, 3), (3, 5)))
    x = Generator(networks.build("mlp", width=8), spec, 3)(torch.randn(6, 3))
    assert torch.allclose(x[:, 1:3].sum(1), torch.ones(6))
    assert torch.allclose(x[:, 3:5].sum(1), torch.ones(6))
    assert (x[:, 1:] >= 0).all()


def test_priors_have_the_moments_they_promise():
    torch.manual_seed(0)
    draw = {name: priors.build(name)(20_000, 3, torch.device("cpu")) for name in priors.names()}
    assert torch.allclose(draw["sphere"].norm(dim=1), torch.full((20_000,), 3**0.5))
    assert draw["uniform"].abs().max() <= 1
    assert float(draw["uniform"].var()) == pytest.approx(1 / 3, rel=0.05)
    assert draw["truncated"].abs().max() <= 2
    assert float(draw["truncated"].std()) == pytest.approx(0.8796, rel=0.02)
    assert float(draw["gaussian"].std()) == pytest.approx(1, rel=0.02)
    tail = (draw["student_t"].abs() > 4).float().mean()
    assert float(tail) == pytest.approx(0.0280, rel=0.2), "a t with 3 degrees of freedom leaves 2.8 % beyond 4"
    assert len({tuple(row) for row in draw["mixture"].round().tolist()}) > 4
