"""What costs nothing: answers to the same questions for which no network has learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from saddlepoint.asking import Questions
from saddlepoint.colour import lab_of, lightness_of, rgb_of
from saddlepoint.forms.image import alike
from saddlepoint.source import Labelled, Source
from saddlepoint.spec import Keeps, Spec

# Numbers that known samples may have together, and rows that a solution is found among.
_NUMBERS, _KNOWN = 2**27, 3000
_WEIGHTS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


def costless(source: Source, asked: Questions) -> Iterator[tuple[str, Callable[[], Tensor]]]:
    """Answers (N, *shape) in own units by name, made when they are called for; none where new samples are asked for.

    "given": what is given, brought to the sample's size. "mean": the mean training sample. "nearest": the training
    sample whose given is nearest. "ridge": linear in what is given. Between two classes "given", "mean" and "moments",
    each channel with the other class's mean and standard deviation. For samples that are to be made again, "mean". What
    a sample keeps of what is given is kept.
    """
    if asked.x is not None and asked.labels is not None:
        yield from _between(source, asked.x, int(asked.labels[0]))
        return
    if asked.truth is None:
        return
    y, spec = asked.y, source.spec
    if spec.given is None:
        if not spec.units.columns:
            yield "mean", lambda: _known(source, spec.size).x.mean(0).expand(asked.n, *spec.shape)
        return
    assert y is not None
    known = _known(source, spec.size + spec.given.size)
    keep = _KEPT[spec.keeps]
    if spec.is_image and spec.given.is_image:
        yield "given", lambda: alike(y, spec.shape)
    yield "mean", lambda: keep(known.x.mean(0).expand(len(y), *spec.shape), y)
    if not spec.given.words:
        yield "nearest", lambda: keep(_nearest(known, y, spec), y)
        yield "ridge", lambda: keep(_ridge(known, y), y)


def _known(source: Source, size: int) -> Labelled:
    """Training samples of `size` numbers each, with what is given, as many as there is room for."""
    return source.real(max(2, min(source.size or _KNOWN, _NUMBERS // size)))


def _between(source: Source, x: Tensor, to: int) -> Iterator[tuple[str, Callable[[], Tensor]]]:
    """Of samples x of one class that are to be turned into ones of class `to`."""
    known = _known(source, source.spec.size)
    assert known.y is not None
    own, other = known.x[known.y != to], known.x[known.y == to]
    yield "given", lambda: x
    yield "mean", lambda: other.mean(0).expand_as(x)
    yield "moments", lambda: _moments(x, own, other)


def _moments(x: Tensor, own: Tensor, other: Tensor) -> Tensor:
    dims = (0, *range(2, x.dim()))
    (mean, std), (its_mean, its_std) = (
        (s.mean(dims, keepdim=True), s.std(dims, keepdim=True).clamp_min(1e-6)) for s in (own, other)
    )
    return ((x - mean) / std * its_std + its_mean).clamp(0, 1)


def _nearest(known: Labelled, y: Tensor, spec: Spec) -> Tensor:
    """The training samples whose given is nearest; of pictures with holes, that are nearest where there is none."""
    assert known.y is not None
    if spec.keeps == "places":
        alpha, x = y[:, -1:].expand(-1, spec.shape[0], -1, -1).flatten(1), known.x.flatten(1)
        # sum of alpha (x - y)^2 over places, without what is the same for all x.
        far = alpha @ x.square().T - 2 * (alpha * y[:, :-1].flatten(1)) @ x.T
    else:
        far = torch.cdist(y.flatten(1), known.y.flatten(1), compute_mode="use_mm_for_euclid_dist")
    return known.x[far.argmin(1)]


def _ridge(known: Labelled, y: Tensor) -> Tensor:
    """The linear map of least squares from what is given, its weight decay chosen by a tenth that is left out.

    Paper: Hoerl & Kennard 1970, Ridge Regression
    """
    assert known.y is not None
    inputs, targets = known.y.flatten(1), known.x.flatten(1)
    # Among few columns there is a solution however many the rows.
    rows = len(inputs) if inputs.shape[1] <= _KNOWN else _KNOWN
    inputs, targets, left_out = inputs[:rows], targets[:rows], max(1, rows // 10)
    fit = _Ridge(inputs[left_out:], targets[left_out:])
    errors = [(fit(inputs[:left_out], weight) - targets[:left_out]).square().mean() for weight in _WEIGHTS]
    best = _WEIGHTS[int(torch.stack(errors).argmin())]
    return _Ridge(inputs, targets)(y.flatten(1), best).view(-1, *known.x.shape[1:]).clamp(0, 1)


def _all(x: Tensor, y: Tensor) -> Tensor:
    return x


def _of_its_lightness(x: Tensor, y: Tensor) -> Tensor:
    """Colours x (N, 3, H, W) with the lightness of grey pictures y (N, 1, H, W), each in [0, 1]."""
    return rgb_of(torch.cat([lightness_of(y), lab_of(x)[:, 1:]], dim=1)).clamp(0, 1)


def _beside_its_places(x: Tensor, y: Tensor) -> Tensor:
    """Pictures x (N, C, H, W) where y (N, C + 1, H, W) is transparent, each in [0, 1]."""
    return y[:, -1:] * y[:, :-1] + (1 - y[:, -1:]) * x


_KEPT: dict[Keeps, Callable[[Tensor, Tensor], Tensor]] = {
    "nothing": _all,
    "lightness": _of_its_lightness,
    "places": _beside_its_places,
}


class _Ridge:
    """Solutions for any weight, in the space of the rows or of the columns, whichever is smaller."""

    def __init__(self, inputs: Tensor, targets: Tensor) -> None:
        self.means = inputs.mean(0), targets.mean(0)
        self.inputs, self.targets = inputs - self.means[0], targets - self.means[1]
        self.by_columns = inputs.shape[1] <= len(inputs)
        side = self.inputs.T if self.by_columns else self.inputs
        self.square = (side @ side.T).double()
        self.wanted = (side @ self.targets if self.by_columns else self.targets).double()
        self.scale = self.square.diagonal().mean().clamp_min(1e-12)

    def __call__(self, inputs: Tensor, weight: float) -> Tensor:
        regular = self.square + weight * self.scale * torch.eye(len(self.square), dtype=self.square.dtype)
        found = torch.cholesky_solve(self.wanted, torch.linalg.cholesky(regular)).float()
        return (inputs - self.means[0]) @ (found if self.by_columns else self.inputs.T @ found) + self.means[1]
