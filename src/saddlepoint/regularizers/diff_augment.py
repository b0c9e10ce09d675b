"""Real samples and fakes changed alike before the discriminator, for small sets of images."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.draws import uniform
from saddlepoint.duel import Duel, Objective, Regularizer
from saddlepoint.ranges import Share
from saddlepoint.regularizers._changed import before_changed, images
from saddlepoint.regularizers._images import about_mean, placed, with_hole


def diff_augment(*, color: bool = True, translation: Share = 0.125, cutout: Share = 0.5) -> Regularizer:
    """Change images at random, real ones and fakes alike, wherever the discriminator looks.

    Paper: Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN Training, section 3

    `color` changes brightness (by up to 0.5 in [-1, 1]), saturation (0 to 2 times; of three channels) and contrast (0.5
    to 1.5 times); each image moves by up to `translation` of its sides and has a hole of `cutout` of them. The slope
    that penalties look at is that at the unchanged images. Raises `BadOption` for samples that are not images.
    """

    def change(x: Tensor) -> Tensor:
        x = images(x, "diff_augment")
        x = _coloured(x) if color else x
        if translation:
            x = placed(x, _shifts(x, translation), nearest=True)
        return with_hole(x, uniform(len(x), [2], x), cutout) if cutout else x

    def view(duel: Duel) -> Duel:
        return before_changed(duel, change)

    def add(objective: Objective) -> Objective:
        return objective.seeing(view)

    return add


def _coloured(x: Tensor) -> Tensor:
    brighter, saturated, contrasted = (uniform(len(x), [1, 1, 1], x) for _ in range(3))
    x = x + (brighter - 0.5)
    if x.shape[1] == 3:
        x = about_mean(x, 2 * saturated, (1,))
    return about_mean(x, 0.5 + contrasted, (1, 2, 3))


def _shifts(x: Tensor, most: float) -> Tensor:
    """Matrices (B, 2, 3) that move images by whole pixels."""
    sides = torch.tensor([x.shape[3], x.shape[2]], device=x.device)
    pixels = (sides * most).round()
    moved = ((2 * pixels + 1) * uniform(len(x), [2], x)).floor() - pixels
    where = torch.eye(2, 3, device=x.device).repeat(len(x), 1, 1)
    where[:, :, 2] = 2 * moved / sides
    return where
