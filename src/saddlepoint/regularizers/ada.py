"""Real samples and fakes changed alike, as strongly as the discriminator's overfitting asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce

import torch
from torch import Tensor

from saddlepoint.draws import averaged, finite_or, normal, uniform
from saddlepoint.duel import Control, Duel, Objective, Regularizer, through
from saddlepoint.ranges import ProperShare, Share, Steps
from saddlepoint.regularizers._changed import before_changed, images
from saddlepoint.regularizers._images import placed


def ada(*, target: ProperShare = 0.6, images_to_full: Steps = 100_000, most: Share = 0.85) -> Regularizer:
    """Change images, real and fake alike, each in each way with a probability that keeps the discriminator unsure.

    Paper: Karras et al. 2020, Training Generative Adversarial Networks with Limited Data, sections 2.2 and 3, figure 2

    The probability starts at 0, rises while the mean sign of the scores of real samples is above `target`, else falls:
    from 0 to 1 in `images_to_full` images (500,000 in the paper), up to `most`, beyond which changes begin to show in
    samples. It is logged as `strength` and kept with the run. The ways: mirroring, quarter turns, shifts, sizes, turns,
    stretching, brightness, contrast, inversion, hue, saturation; by bilinear interpolation, without the paper's
    wavelets. The slope that penalties look at is that at the unchanged images. Raises `BadOption` for samples that are
    not images.
    """
    strength = Strength(target, images_to_full, most)

    def change(x: Tensor) -> Tensor:
        return _recoloured(_moved(images(x, "ada"), strength.p), strength.p)

    def view(duel: Duel) -> Duel:
        return before_changed(duel, change)

    def told(duel: Duel) -> Duel:
        return view(duel).telling(strength=strength.p.clone())

    def add(objective: Objective) -> Objective:
        sides = through(told, objective.discriminator), through(view, objective.generator)
        return replace(objective, discriminator=sides[0], generator=sides[1], controls=(*objective.controls, strength))

    return add


class Strength(Control):
    """The probability `p` of each change."""

    def __init__(self, target: float, images_to_full: int, most: float) -> None:
        super().__init__()
        self.target, self.images_to_full, self.most = target, images_to_full, most
        self.p: Tensor
        self.register_buffer("p", torch.zeros(()))

    def follow(self, seen: Mapping[str, Tensor]) -> None:
        # The sign of what is not finite would be 0.
        scores = seen["on_real"].float()
        sign = averaged((scores.sign() + 0 * scores).mean())
        moved = self.p + (sign - self.target).sign() * len(seen["x"]) / self.images_to_full
        self.p.copy_(finite_or(moved, self.p).clamp(0, self.most))


def _moved(x: Tensor, p: Tensor) -> Tensor:
    """Images mirrored, turned, shifted, resized and stretched, each change with its own probability p."""
    sides, twice = torch.tensor([x.shape[3], x.shape[2]], device=x.device), 1 - (1 - p).sqrt()
    size, stretched = (2 ** (0.2 * normal(len(x), [], x)) for _ in range(2))
    ways = [
        (p, _sized(1 - 2 * _one(x).round(), torch.ones_like(size))),
        (p, _turned(math.pi / 2 * (4 * _one(x)).floor())),
        (p, _shifted((0.25 * (uniform(len(x), [2], x) - 0.5) * sides).round())),
        (p, _sized(size, size)),
        (twice, _turned(2 * math.pi * _one(x))),
        (p, _sized(stretched, 1 / stretched)),
        (twice, _turned(2 * math.pi * _one(x))),
        (p, _shifted(0.125 * normal(len(x), [2], x) * sides)),
    ]
    where = _one_matrix([_chosen(chance, matrix) for chance, matrix in ways])
    # Turns are in pixels, which are as wide as high; places are shares of either side.
    scale = torch.cat([sides, sides.new_ones(1)])
    return placed(x, (where * scale / scale[:, None])[:, :2], mirrored=True)


def _recoloured(x: Tensor, p: Tensor) -> Tensor:
    """Images brighter, of another contrast, inverted, of other hues and more or less colourful, each with p."""
    grey = torch.full((3, 3), 1 / 3, device=x.device, dtype=x.dtype)
    contrast, colourful = 2 ** (0.5 * normal(len(x), [1, 1], x)), 2 ** normal(len(x), [1, 1], x)
    whole = torch.eye(3, device=x.device, dtype=x.dtype)
    ways = [
        contrast * whole,
        whole - 2 * grey * _one(x).round()[:, None, None],
        _about_grey(2 * math.pi * _one(x)),
        grey + colourful * (whole - grey),
    ]
    x = x + _chosen(p, 0.2 * normal(len(x), [1, 1], x), 0.0)[..., None]
    mixed = _one_matrix([_chosen(p, way) for way in ways])
    if x.shape[1] == 3:
        return (mixed @ x.flatten(2)).view_as(x)
    # Of other channels each changes as grey does.
    return mixed.mean(1).sum(1)[:, None, None, None] * x


def _chosen(p: Tensor, matrix: Tensor, otherwise: Tensor | float | None = None) -> Tensor:
    """Each image's own matrix (B, K, K) with probability p, else what changes nothing."""
    if otherwise is None:
        otherwise = torch.eye(matrix.shape[-1], device=matrix.device, dtype=matrix.dtype)
    return torch.where(uniform(len(matrix), [1, 1], matrix) < p, matrix, otherwise)


def _one_matrix(matrices: Sequence[Tensor]) -> Tensor:
    return reduce(torch.matmul, matrices)


def _one(x: Tensor) -> Tensor:
    return uniform(len(x), [], x)


def _sized(across: Tensor, down: Tensor) -> Tensor:
    return torch.diag_embed(torch.stack([across, down, torch.ones_like(down)], dim=1))


def _turned(angle: Tensor) -> Tensor:
    """Turns of the plane (B, 3, 3) by angles (B,)."""
    zero, one, sin, cos = torch.zeros_like(angle), torch.ones_like(angle), angle.sin(), angle.cos()
    return torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1).view(-1, 3, 3)


def _shifted(pixels: Tensor) -> Tensor:
    """Shifts (B, 3, 3) by pixels (B, 2) across and down, two units each: an image goes from -1 to 1."""
    matrix = torch.eye(3, device=pixels.device, dtype=pixels.dtype).repeat(len(pixels), 1, 1)
    matrix[:, :2, 2] = 2 * pixels
    return matrix


def _about_grey(angle: Tensor) -> Tensor:
    """Turns of colours (B, 3, 3) about the axis of greys, by angles (B,): Rodrigues' formula."""
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None] / math.sqrt(3)
    across = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=angle.device, dtype=angle.dtype)
    whole = torch.eye(3, device=angle.device, dtype=angle.dtype)
    return cos * whole + sin * across + (1 - cos) / 3
