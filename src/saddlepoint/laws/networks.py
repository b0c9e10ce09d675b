"""What every network keeps: a generator and a discriminator from it, and a translator where it has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn

from saddlepoint import networks
from saddlepoint.architecture import Architecture, Discriminator, DiscriminatorLabel, GeneratorLabel, Pair
from saddlepoint.laws import zoo
from saddlepoint.laws.law import Law, Refusal, demand
from saddlepoint.spec import Spec

Part = Literal["pair", "discriminator", "translator"]
Labels = tuple[GeneratorLabel, DiscriminatorLabel]

SHAPES = (
    (1,),
    (2,),
    (7,),
    (1, 1, 1),
    (1, 8, 8),
    (3, 28, 28),
    (2, 9, 6),
    (1, 5, 40),
    (4, 1, 9),
    (3, 32, 32),
    (3, 17, 17),
)
# Images given, and made of them.
PAIRS = (
    ((1, 16, 16), (3, 64, 64)),
    ((4, 9, 6), (1, 9, 6)),
    ((3, 1, 1), (3, 5, 7)),
    ((2, 33, 20), (3, 33, 20)),
    ((3, 20, 14), (2, 5, 9)),
    ((3, 4, 5), (3, 24, 30)),
)
LABELS: tuple[Labels, ...] = (("join", "join"), ("norm", "projection"), ("none", "none"))
_LATENT, _WIDTH = 6, 4


@dataclass(frozen=True, eq=False)
class Built:
    """A `part` of a small network called `name` with options, for samples of a `shape` made of `given` ones."""

    on: str
    name: str
    part: Part
    shape: tuple[int, ...]
    given: tuple[int, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def network(self) -> Architecture:
        """The network; its weights are a function of torch's seed."""
        told = {"width": _WIDTH, **self.options}
        return zoo.network(self.name, **{key: v for key, v in told.items() if key in _options(self.name)})

    @property
    def spec(self) -> Spec:
        """Labelled samples of the shape."""
        return Spec(self.shape, zoo.CLASSES, zoo.SHARES, bounds=(-1.0, 1.0) if len(self.shape) == 3 else None)

    def pair(self, labels: Labels = LABELS[0]) -> Pair:
        """A generator and a discriminator."""
        return self.network.pair(self.spec, _LATENT, *labels)

    def discriminator(self, labels: Labels = LABELS[0]) -> nn.Module:
        """The discriminator, beside a generator or alone."""
        if self.part == "pair":
            return self.pair(labels).discriminator
        return Discriminator(self.network, self.spec, labels[1])

    @property
    def plain(self) -> bool:
        """Whether all options are as they come."""
        return not self.options


def _options(name: str) -> Mapping[str, Any]:
    return networks.shelf.entry(name).options


def cases(name: str) -> Iterator[Built | Refusal]:
    """A network with its options as they come, and with each choice of one: its parts, for samples of many shapes."""
    for options in zoo.variations(networks.shelf.entry(name)):
        told = ", ".join(f"{option} {value}" for option, value in options.items())
        for shape in SHAPES:
            yield from _of_samples(name, shape, options, ", ".join(filter(None, (_x(shape), told))))
        for given, shape in PAIRS if _of_family(name) else ():
            on = ", ".join(filter(None, (f"translator from {_x(given)} to {_x(shape)}", told)))
            yield _tried(Built(on, name, "translator", shape, given, options))


def _x(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _of_samples(name: str, shape: tuple[int, ...], options: Mapping[str, Any], on: str) -> Iterator[Built | Refusal]:
    """The pair for samples of a shape; where there is none, the discriminator alone."""
    pair = _tried(Built(f"pair for {on}", name, "pair", shape, (), options))
    yield pair
    if isinstance(pair, Refusal) and _of_family(name):
        yield _tried(Built(f"discriminator for {on}", name, "discriminator", shape, (), options))


def _tried(case: Built) -> Built | Refusal:
    """The case, or what is said instead where there is no such part."""
    try:
        if case.part == "translator":
            case.network.translating(case.given, case.shape)
        else:
            case.discriminator()
    except Exception as error:
        return Refusal(case.on, error)
    return case


def any_shape_and_label_go_in_and_out(case: Built) -> None:
    """Latents to samples to scores, with labels in each way; every parameter gets a finite gradient."""
    for labels in LABELS:
        pair = case.pair(labels)
        fake = pair.generator(torch.randn(4, _LATENT), _Y)
        demand(fake.shape == (4, *case.shape), f"samples {(4, *case.shape)}", tuple(fake.shape))
        _scored(pair.discriminator, fake)
        for part, module in (("generator", pair.generator), ("discriminator", pair.discriminator)):
            _has_gradients(part, module)


def any_shape_and_label_are_scored(case: Built) -> None:
    """Samples to scores, with labels in each way; every parameter gets a finite gradient."""
    for labels in LABELS:
        discriminator = case.discriminator(labels)
        _scored(discriminator, torch.randn(4, *case.shape))
        _has_gradients("discriminator", discriminator)


_Y = torch.tensor([0, 1, 2, 1])


def _scored(discriminator: nn.Module, x: Tensor) -> None:
    scores = discriminator(x, _Y)
    whole = scores.dim() == 1 and len(scores) and len(scores) % len(x) == 0
    demand(bool(whole), f"scores ({len(x)},), or as many for each sample as it has places", tuple(scores.shape))
    scores.sum().backward()


def _has_gradients(part: str, module: nn.Module) -> None:
    bad = [
        key
        for key, p in module.named_parameters()
        if p.requires_grad and (p.grad is None or not p.grad.isfinite().all())
    ]
    demand(not bad, f"a finite gradient for each parameter of the {part}", f"none for {bad}")


def the_score_of_a_sample_depends_on_no_other(case: Built) -> None:
    """As gradient penalties assume; of places, the rows of a sample follow each other."""
    discriminator, x = case.discriminator(), torch.randn(4, *case.shape)
    few = discriminator(x[:2], _Y[:2])
    demand(
        torch.allclose(discriminator(x, _Y)[: len(few)], few, atol=1e-5),
        "the scores of two samples beside others as alone",
    )


def labels_change_what_is_made(case: Built) -> None:
    """Of the same latent, where the label is joined to it."""
    generator = case.pair().generator.eval()
    made = generator(torch.randn(1, _LATENT).repeat(2, 1), _Y[:2])
    demand(not torch.allclose(made[0], made[1]), "other samples for another label", "the same")


def labels_change_what_is_scored(case: Built) -> None:
    """Of the same sample, where the label is joined to it or projected, and not where it is left out."""
    x, zeros = torch.randn(4, *case.shape), torch.zeros(4, dtype=torch.long)
    for labels in LABELS:
        discriminator = case.discriminator(labels).eval()
        same = torch.allclose(discriminator(x, zeros), discriminator(x, _Y))
        wanted = "the same scores for another label" if labels[1] == "none" else "other scores for another label"
        demand(
            same == (labels[1] == "none"),
            f"{wanted}, where it comes in by {labels[1]!r}",
            "others" if not same else "the same",
        )


def spectral_norm_makes_every_weight_of_norm_one(case: Built) -> None:
    """Once its power iteration has had some passes."""
    encoder = case.network.encoder((1, 28, 28))
    for _ in range(20):
        encoder(torch.randn(2, 1, 28, 28))
    layers = [m for m in encoder.eval().modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    norms = [float(torch.linalg.matrix_norm(m.weight.detach().flatten(1), 2)) for m in layers]
    demand(bool(norms), "a discriminator of convolutions or linear layers", "none")
    demand(all(0.9 < norm < 1.1 for norm in norms), "spectral norms of 1", [round(norm, 3) for norm in norms])


def any_size_and_channels_go_in_and_out(case: Built) -> None:
    """Images to images; every parameter gets a finite gradient."""
    translator = case.network.translating(case.given, case.shape)
    x = translator(torch.randn(3, *case.given))
    demand(x.shape == (3, *case.shape), f"images {(3, *case.shape)}", tuple(x.shape))
    x.square().sum().backward()
    _has_gradients("translator", translator)


def what_is_given_decides_what_is_made_and_nothing_else_does(case: Built) -> None:
    """An image comes out alike beside others, and another one otherwise."""
    translator, y = case.network.translating(case.given, case.shape), torch.randn(4, *case.given)
    x = translator(y)
    demand(torch.allclose(x[1:2], translator(y[1:2]), atol=1e-5), "an image beside others as alone")
    demand(not torch.allclose(x[0], x[1], atol=1e-3), "another image of another one", "the same")


def a_translator_is_its_two_halves(case: Built) -> None:
    """`up(down(y))`; the input is the first map, and the second half sees the others only where it `skips`."""
    translator, y = case.network.translating(case.given, case.shape).eval(), torch.randn(2, *case.given)
    maps = translator.down(y)
    demand(torch.equal(translator(y), translator.up(maps)), "up(down(y)) to be what is made of y")
    lost = [torch.full_like(h, float("nan")) for h in maps]
    blind = bool(translator.up([*lost[:-1], maps[-1]]).isfinite().all())
    demand(
        blind != translator.skips, f"a second half that {'looks' if translator.skips else 'does not look'} at all maps"
    )
    seen = bool(translator.up([*maps[:-1], lost[-1]]).isfinite().any())
    demand(not seen, "a second half that looks at the last map", "one that does not")


def _of_family(name: str) -> bool:
    """Whether it is built from parts, not of modules of one's own."""
    return not networks.shelf.entry(name).parts


def _learns_labels(case: Built) -> bool:
    return case.plain and case.part != "translator" and case.shape == (1, 8, 8) and _of_family(case.name)


def _normed(case: Built) -> bool:
    return case.options == {"spectral_norm": True} and case.shape == (1, 8, 8) and _of_family(case.name)


def _alone(case: Built) -> bool:
    return case.plain and case.part != "translator" and case.shape in ((2,), (2, 9, 6), (3, 28, 28))


LAWS: tuple[Law[Built], ...] = (
    Law(any_shape_and_label_go_in_and_out, lambda case: case.part == "pair"),
    Law(any_shape_and_label_are_scored, lambda case: case.part == "discriminator"),
    Law(the_score_of_a_sample_depends_on_no_other, _alone),
    Law(labels_change_what_is_made, lambda case: _learns_labels(case) and case.part == "pair"),
    Law(labels_change_what_is_scored, _learns_labels),
    Law(spectral_norm_makes_every_weight_of_norm_one, _normed),
    Law(any_size_and_channels_go_in_and_out, lambda case: case.part == "translator"),
    Law(
        what_is_given_decides_what_is_made_and_nothing_else_does, lambda case: case.part == "translator" and case.plain
    ),
    Law(a_translator_is_its_two_halves, lambda case: case.part == "translator" and case.plain),
)
