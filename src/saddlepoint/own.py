"""Networks of one's own: any generator and discriminator that are modules, tried on a few samples before they play."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from saddlepoint.architecture import Architecture, DiscriminatorLabel, GeneratorLabel, Pair
from saddlepoint.errors import BadOption, one_line
from saddlepoint.spec import Asked, Spec, Takes

Make = Callable[[Spec, int], Any]


def own(make: Make) -> Architecture:
    """`make(spec, latent)` gives a generator and a discriminator; only the game `gan` is played by such a pair.

    The generator maps z (B, latent), and labels y (B,) where its forward takes them, to samples (B, *shape) as networks
    see them (images in [-1, 1]); the discriminator maps those, and y likewise, to raw scores (B,), (B, 1) ...
    """
    return _Own(_apart, _apart, _apart, make=make)


def _apart(*parts: object) -> NoReturn:
    raise BadOption(
        "network: this game builds its networks from parts, and modules of one's own are whole; "
        "take --game gan, or give a function that returns an Architecture"
    )


@dataclass(frozen=True)
class _Own(Architecture):
    make: Make = _apart

    def pair(
        self, spec: Spec, latent: int, generator: GeneratorLabel, discriminator: DiscriminatorLabel, *, pack: int = 1
    ) -> Pair:
        made = _two(_called(self.make, spec, latent))
        labels = [
            bool(spec.classes or spec.given) and label != "none" and _takes_labels(module)
            for module, label in zip(made, (generator, discriminator), strict=True)
        ]
        whole = Whole(made[0], labels[0], spec), Scorer(made[1], labels[1], spec, pack)
        # Lazy modules have no parameters until they are called: trying them is what gives them theirs.
        lazy = any(is_lazy(p) for module in whole for p in module.parameters())
        _try(*(whole if lazy else deepcopy(whole)), spec, latent, pack)
        return Pair(*whole, generator if labels[0] else "none")


class Whole(nn.Module, Asked):
    """A module of one's own, given labels y (B,), or what else samples are asked for by, only where it takes them."""

    def __init__(self, module: nn.Module, labelled: bool, spec: Spec) -> None:
        super().__init__()
        self.module, self.labelled, self.given = module, labelled, spec.given if labelled else None

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        out: Tensor = self.module(x, y) if self.labelled else self.module(x)
        return out


class Scorer(Whole, Takes):
    """A discriminator of one's own: scores (B,) of samples x of `spec`, or of packs of `pack` samples."""

    def __init__(self, module: nn.Module, labelled: bool, spec: Spec, pack: int) -> None:
        super().__init__(module, labelled, spec)
        self.spec, self.pack = spec, pack

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        scores = super().forward(x, y)
        one_each = isinstance(scores, Tensor) and scores.numel() == len(x)
        return scores.flatten() if one_each else scores


def _called(make: Make, spec: Spec, latent: int) -> Any:
    try:
        return make(spec, latent)
    except Exception as error:
        raise BadOption(
            f"network: wanted a generator and a discriminator from a call with (spec, latent); {_failed(error)}"
        ) from error


def _failed(error: Exception) -> str:
    kind, said = type(error).__name__, one_line(error)[:300]
    return f"it failed: {kind}" + (f": {said}" if said != kind else "")


def _two(made: Any) -> tuple[nn.Module, nn.Module]:
    pair = tuple(made) if isinstance(made, tuple | list) else (made,)
    if len(pair) != 2 or not all(isinstance(one, nn.Module) for one in pair):
        got = ", ".join(type(one).__name__ for one in pair)
        raise BadOption(f"network: wanted two modules, a generator and a discriminator, got {got}")
    if {id(p) for p in pair[0].parameters()} & {id(p) for p in pair[1].parameters()}:
        raise BadOption("network: wanted a generator and a discriminator of their own parameters, got some in both")
    for name, one in zip(_NAMES, pair, strict=True):
        if not any(p.requires_grad for p in one.parameters()):
            raise BadOption(f"network: the {name} has no parameters that can be trained")
    if isinstance(list(pair[1].modules())[-1], nn.Sigmoid | nn.Softmax | nn.LogSigmoid):
        raise BadOption("network: the discriminator ends with a sigmoid; wanted raw scores, so leave it out")
    return pair[0], pair[1]


def _takes_labels(module: nn.Module) -> bool:
    kinds = [p.kind for p in inspect.signature(module.forward).parameters.values()]
    places = sum(kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD) for kind in kinds)
    return places > 1 or (inspect.Parameter.VAR_POSITIONAL in kinds and not isinstance(module, nn.Sequential))


def _try(generator: Whole, discriminator: Scorer, spec: Spec, latent: int, pack: int) -> None:
    """Raises `BadOption` where copies of the two do not turn latents into samples, and these into scores."""
    with torch.random.fork_rng():
        z, y = torch.randn(_FEW * pack, latent), _asked(spec, _FEW * pack)
        x = _made(generator, z, y, (_FEW * pack, *spec.shape), "generator")
        channels, *size = spec.shape
        packs = x.reshape(_FEW, pack * channels, *size)
        scores = _made(discriminator, packs, y.unflatten(0, (-1, pack)) if pack > 1 else y, (_FEW,), "discriminator")
    for name, part in zip(_NAMES, (generator, discriminator), strict=True):
        if not _moves(scores, part):
            raise BadOption(f"network: the scores have no gradient by the {name}; does it detach what it returns?")


def _asked(spec: Spec, count: int) -> Tensor:
    if spec.given is None:
        return torch.arange(count) % max(len(spec.classes), 1)
    if spec.given.words:
        return torch.randint(len(spec.given.words), (count, *spec.given.shape))
    return torch.randn(count, *spec.given.shape).clamp(-1, 1)


def _moves(scores: Tensor, part: nn.Module) -> bool:
    """Whether scores (B,) depend on what is trained of a part."""
    if not scores.requires_grad:
        return False
    moved = [p for p in part.parameters() if p.requires_grad]
    found = torch.autograd.grad(scores.sum(), moved, allow_unused=True, retain_graph=True)
    return any(gradient is not None for gradient in found)


def _made(part: Whole, given: Tensor, y: Tensor, shape: tuple[int, ...], name: str) -> Tensor:
    labels = f", y {tuple(y.shape)}" if part.labelled else ""
    wanted = f"network: the {name} is given {tuple(given.shape)}{labels} and wanted to return {shape} in {given.dtype}"
    try:
        out = part(given, y)
    except Exception as error:
        raise BadOption(f"{wanted}; {_failed(error)}") from error
    if not isinstance(out, Tensor):
        raise BadOption(f"{wanted}; got {type(out).__name__}")
    if tuple(out.shape) != shape or out.dtype != given.dtype:
        raise BadOption(f"{wanted}; got {tuple(out.shape)} in {out.dtype}")
    if not out.isfinite().all():
        raise BadOption(f"{wanted}; got numbers that are not finite")
    return out


_FEW = 4
_NAMES = ("generator", "discriminator")
