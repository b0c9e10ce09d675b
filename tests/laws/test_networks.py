"""What every network, found by discovery, must keep."""

from contextlib import suppress
from math import prod

import pytest
import torch

from saddlepoint import networks, priors
from saddlepoint.architecture import Discriminator, Generator
from saddlepoint.catalogue import Shelf
from saddlepoint.errors import BadOption
from saddlepoint.spec import Spec

# How often a field of view halves the sides.
FIELDS = {"16": 1, "34": 2, "70": 3, "142": 4, "286": 5}
SHAPES = [(1,), (2,), (7,), (1, 1, 1), (1, 8, 8), (3, 28, 28), (2, 9, 6), (1, 5, 40), (4, 1, 9), (3, 32, 32)]
LABELS = [("join", "join"), ("norm", "projection"), ("none", "none")]
NETWORKS: Shelf = networks.shelf


def options_of(name):
    """The plain network, then each choice of its options that changes its build."""
    yield {}
    for option in NETWORKS.entry(name).options.values():
        if option.annotation == "bool":
            yield {option.name: not option.default}
        if "norm" in option.name and option.annotation.startswith("Literal"):
            yield from ({option.name: norm} for norm in ("none", "batch", "instance", "layer"))
        if option.name == "field":
            yield from ({option.name: field} for field in ("whole", "1", "16", "70"))


VARIATIONS = [(name, options) for name in networks.names() for options in options_of(name)]


def made(make):
    """What `make` makes, or None: then it is refused, in one line that says what to take."""
    found = []
    with suppress(BadOption):
        found.append(make())
    if not found:
        with pytest.raises(BadOption, match=r"\A.* take --network.*\Z"):
            make()
    return next(iter(found), None)


def missing_gradients(part):
    return [k for k, p in part.named_parameters() if p.grad is None or not p.grad.isfinite().all()]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "options"), VARIATIONS, ids=str)
def test_any_shape_and_label_in_and_out(name, options, shape):
    torch.manual_seed(0)
    if options.get("generator_norm", options.get("norm")) == "instance":
        shape = (*shape[:1], max(shape[-2:]) + 8, 17) if len(shape) == 3 else (3, 17, 17)
    if options.get("discriminator_norm") == "instance":
        shape = (2, 30, 17)
    network = made(lambda: networks.build(name, width=4, **options))
    bounds = (-1.0, 1.0) if len(shape) == 3 else None
    spec = Spec(shape, ("a", "b", "c"), (0.3, 0.3, 0.4), bounds=bounds)
    y = torch.tensor([0, 1, 2, 1])
    for in_generator, in_discriminator in LABELS if network else ():
        x = torch.randn(4, *shape)
        if generator := made(lambda label=in_generator: Generator(network, spec, 6, label)):
            x = generator(torch.randn(4, 6), y)
            assert x.shape == (4, *shape)
        discriminator = Discriminator(network, spec, in_discriminator)
        scores = discriminator(x, y)
        assert scores.shape == (4 * places_of(name, options, shape),)
        scores.sum().backward()
        for part in filter(None, (generator, discriminator)):
            assert not missing_gradients(part)


def places_of(name, options, shape):
    """How many scores a sample of `shape` gets: by the arithmetic of the convolutions, of which an image has enough."""
    field = NETWORKS.entry(name).complete(options, "network").get("field", "whole")
    sides = (*shape[1:], 1, 1)[:2]
    if field in ("whole", "1"):
        return 1 if field == "whole" else sides[0] * sides[1]
    halvings = FIELDS[field]
    while halvings and min(sides) // 2**halvings < 3:
        halvings -= 1
    return prod(max(side // 2**halvings, 3) - 2 for side in sides)


@pytest.mark.parametrize("name", networks.names())
def test_labels_change_what_is_made_and_what_is_scored(name):
    torch.manual_seed(0)
    network = networks.build(name, width=16)
    spec = Spec((1, 8, 8), ("a", "b"), (0.5, 0.5), bounds=(-1.0, 1.0))
    x, z = torch.randn(2, 1, 8, 8), torch.randn(1, 6).repeat(2, 1)
    zeros, both = torch.tensor([0, 0]), torch.tensor([0, 1])
    for label in ("join", "projection"):
        discriminator = Discriminator(network, spec, label).eval()
        assert not torch.allclose(discriminator(x, zeros), discriminator(x, both))
    if generator := made(lambda: Generator(network, spec, 6, "join")):
        x = generator.eval()(z, both)
        assert not torch.allclose(x[0], x[1])
    unconditional = Discriminator(network, spec, "none").eval()
    assert torch.equal(unconditional(x, zeros), unconditional(x, both))


def test_conditional_norms_start_alike_and_can_part():
    from saddlepoint.layers.normalisation import Normalised

    norm = Normalised("batch", 3, classes=2)
    h = torch.randn(8, 3, 2, 2)
    y = torch.tensor([0, 1] * 4)
    assert torch.allclose(norm(h, y), norm(h, 1 - y))
    norm.table.weight.data.normal_()
    assert not torch.allclose(norm(h, y), norm(h, 1 - y))


@pytest.mark.parametrize("name", networks.names())
def test_spectral_norm_makes_every_weight_of_norm_one(name):
    torch.manual_seed(0)
    network = networks.build(name, width=8, spectral_norm=True).encoder((1, 28, 28))
    for _ in range(20):
        network(torch.randn(2, 1, 28, 28))
    weights = [
        m.weight.detach().flatten(1)
        for m in network.eval().modules()
        if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)
    ]
    assert weights
    for weight in weights:
        assert float(torch.linalg.matrix_norm(weight, 2)) == pytest.approx(1, rel=0.1)


def test_a_penalised_discriminator_may_not_mix_samples():
    """The scores of one sample do not depend on the others, as gradient penalties assume."""
    for name in networks.names():
        encoder = networks.build(name, width=4).encoder((1, 29, 36))
        x = torch.randn(4, 1, 29, 36)
        two = encoder(x[:2])
        assert torch.allclose(encoder(x)[: len(two)], two, atol=1e-6), name


def test_categories_come_out_as_shares():
    spec = Spec((5,), simplexes=((1, 3), (3, 5)))
    x = Generator(networks.build("mlp", width=8), spec, 3)(torch.randn(6, 3))
    assert torch.allclose(x[:, 1:3].sum(1), torch.ones(6))
    assert torch.allclose(x[:, 3:5].sum(1), torch.ones(6))
    assert (x[:, 1:] >= 0).all()


@pytest.mark.parametrize("name", priors.names())
def test_priors_are_latents_of_the_shape_asked_for(name):
    torch.manual_seed(0)
    z = priors.build(name)(4000, 6, torch.device("cpu"))
    assert z.shape == (4000, 6)
    assert z.dtype == torch.float32
    assert z.isfinite().all()
    assert z.mean(0).abs().max() < 0.5


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
