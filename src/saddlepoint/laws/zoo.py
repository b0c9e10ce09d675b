"""Small ones of everything: specs, batches for them, networks, options. What laws are tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from saddlepoint import games, networks, objectives, optimizers, priors
from saddlepoint.architecture import Architecture
from saddlepoint.catalogue import Entry
from saddlepoint.configuration import trained
from saddlepoint.configuration.building import ability_of
from saddlepoint.errors import BadData, BadOption
from saddlepoint.game import Batch, Game
from saddlepoint.source import Batches, Stored
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.trained import Trained

_BOUNDS = (-1.0, 1.0)
CLASSES = ("a", "b", "c")
SHARES = (0.5, 0.25, 0.25)

LINE = Spec((1,))
PLANE = Spec((2,))
VECTOR = Spec((5,), CLASSES, SHARES)
TABLE = Spec((5,), CLASSES, SHARES, simplexes=((1, 3),))
IMAGE = Spec((2, 9, 6), CLASSES, SHARES, bounds=_BOUNDS)
SPECS: Mapping[str, Spec] = {
    "line": LINE,
    "plane": PLANE,
    "labelled vector": VECTOR,
    "labelled table": TABLE,
    "labelled image": IMAGE,
    "image": Spec((1, 5, 4), bounds=_BOUNDS),
    "image of two classes": Spec((1, 8, 8), ("a", "b"), (0.5, 0.5), bounds=_BOUNDS),
    "vector given numbers": Spec((5,), given=Spec((3,))),
    "vector given words": Spec((5,), given=Spec((4,), words=("the", "a", "red", "blue", "bird"))),
    "image given a smaller image": Spec((3, 9, 6), bounds=_BOUNDS, given=Spec((1, 4, 3), bounds=_BOUNDS)),
    "image given its places": Spec(
        (1, 8, 8), bounds=_BOUNDS, given=Spec((2, 8, 8), bounds=_BOUNDS), keeps="places", units=IMAGE_UNITS
    ),
    "image given its lightness": Spec(
        (3, 8, 8), bounds=_BOUNDS, given=Spec((1, 8, 8), bounds=_BOUNDS), keeps="lightness", units=IMAGE_UNITS
    ),
}


def of_each_sort() -> Mapping[str, Spec]:
    """The first spec of each sort: image or vector, of one number or more, labelled, one-hot in part, given what."""
    first: dict[object, str] = {}
    for kind, spec in SPECS.items():
        given = spec.given and (spec.given.is_image, bool(spec.given.words), spec.keeps)
        sort = (spec.is_image, spec.size == 1, bool(spec.classes), bool(spec.simplexes), given)
        first.setdefault(sort, kind)
    return {kind: SPECS[kind] for kind in first.values()}


# A step of what these make is a matter of milliseconds.
SIZES: Mapping[str, Any] = {
    "latent": 3,
    "noise": 2,
    "code": 4,
    "width": 8,
    "blocks": 1,
    "steps": 2,
    "patches": 8,
    "importance_samples": 3,
}


def small(entry: Entry) -> dict[str, Any]:
    """The options that make a thing small, of those that it has."""
    return {name: size for name, size in SIZES.items() if name in entry.options and entry.options[name].takes(size)}


def variations(entry: Entry) -> Iterator[dict[str, Any]]:
    """A thing's options as they come, then each choice of one of them."""
    yield {}
    for option in entry.options.values():
        choices = option.choices or ((False, True) if option.annotation == "bool" else ())
        yield from ({option.name: choice} for choice in choices if choice != option.default)


def network(name: str, **options: Any) -> Architecture:
    """The small network called `name`."""
    made: Architecture = networks.build(name, **{**small(networks.shelf.entry(name)), **options})
    return made


@cache
def network_names() -> tuple[str, ...]:
    """The networks of the shelf, the plainest first: that whose discriminator of images has the fewest layers."""

    def layers(name: str) -> int:
        return len(list(network(name).encoder(IMAGE.shape).modules()))

    return tuple(sorted(networks.names(), key=layers))


def parts(entry: Entry, spec: Spec, network_name: str | None) -> list[Any]:
    """Small parts for a game; raises `BadOption` for one that no game is made of."""
    made: dict[str, Callable[[], Any]] = {
        "spec": lambda: spec,
        "objective": lambda: objectives.build("non_saturating"),
        "network": lambda: network(network_name or network_names()[0]),
        "prior": lambda: priors.build("gaussian"),
        trained.PART: lambda: model(entry, spec, network_name),
    }
    for part in entry.parts:
        if part not in made:
            raise BadOption(f"{entry.name} wants a part {part!r}; games are made of {', '.join(made)}")
    return [made[part]() for part in entry.parts]


def model(wanting: Entry, spec: Spec, network_name: str | None) -> Trained[Any]:
    """A small model that can do what a game wants, of the first game that can and heeds what samples are asked by."""
    able, found = ability_of(wanting), None
    for name in games.names():
        entry = games.shelf.entry(name)
        if trained.PART in entry.parts:
            continue
        with suppress(BadOption, BadData):
            made = Trained[Any](games.build(name, *parts(entry, spec, network_name), **small(entry)), spec)
            if isinstance(made.game, able):
                found = found or made
                if made.conditional or not (spec.classes or spec.given):
                    return made
    if found is None:
        raise BadOption(f"{wanting.name} wants {trained.wanted(wanting)}; no game of the shelf makes one of this")
    return found


def adams(game: Game, lr: float = 1e-3) -> dict[str, Optimizer]:
    """An Adam for each player of a game."""
    return {player.name: optimizers.build("adam", lr=lr)(player.parameters()) for player in game.players()}


def samples_of(spec: Spec, size: int, source: torch.Generator) -> Tensor:
    """Random samples (size, *shape) of a spec as networks see them."""
    if spec.words:
        return torch.randint(len(spec.words), (size, *spec.shape), generator=source)
    return torch.randn(size, *spec.shape, generator=source).clamp(-1, 1)


def asked_of(spec: Spec, size: int, source: torch.Generator) -> Tensor | None:
    """What samples of a spec may be asked for by: labels (size,) of each class its share, or what is given."""
    if spec.given:
        y = samples_of(spec.given, size, source)
        return _with_holes(y) if spec.keeps == "places" else y
    if not spec.classes:
        return None
    ends = (torch.tensor(spec.shares).cumsum(0) * size).round()
    y = torch.searchsorted(ends, torch.arange(size).float(), right=True).clamp(max=len(spec.classes) - 1)
    return y[torch.randperm(size, generator=source)]


def _with_holes(y: Tensor) -> Tensor:
    """Pictures (B, C + 1, H, W) whose last channel says, by its sign, where they are known."""
    known = (y[:, -1:] > 0).to(y)
    return torch.cat([y[:, :-1] * known, 2 * known - 1], dim=1)


def batches_of(spec: Spec, size: int = 8) -> Batches:
    """Random batches for a spec, each a function of its index."""

    def batch(index: int) -> Batch:
        source = torch.Generator().manual_seed(index)
        x, y = samples_of(spec, size, source), asked_of(spec, size, source)
        return {"x": x} if y is None else {"x": x, "y": y}

    return batch


def pictures(spec: Spec, count: int = 40) -> Stored:
    """Images of a spec as a source, a slope with some noise held as bytes; its classes in turn, a quarter held out."""
    source = torch.Generator().manual_seed(0)
    across = torch.linspace(0, 200, spec.shape[2]).expand(count, *spec.shape)
    x = (across + 55 * torch.rand(count, *spec.shape, generator=source)).to(torch.uint8)
    y = torch.arange(count) % max(len(spec.classes), 1)
    held = count // 4
    if not spec.classes:
        return Stored(spec, x[held:], None, x[:held])
    return Stored(spec, x[held:], y[held:], x[:held], y[:held])
