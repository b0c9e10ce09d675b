"""The directions in which samples change the most, and ways along them."""

from __future__ import annotations

import torch
from torch import Tensor

from saddlepoint.game import Styles
from saddlepoint.latent._classes import one_class
from saddlepoint.latent._laid import Laid
from saddlepoint.latent._rows import DRAWN, made_of, styles_of
from saddlepoint.latent._search import Decoding, decoding
from saddlepoint.ranges import Moves, Scale, Whole
from saddlepoint.saved.model import Model, Wanted
from saddlepoint.seeds import seed_of

# Latents whose slopes are averaged; random directions a slope is taken along.
_SLOPES, _PROBES = 64, 32


def traverse(
    model: Model,
    y: Wanted | None = None,
    *,
    directions: Moves = 6,
    columns: Moves = 9,
    reach: Scale = 2.0,
    seed: Whole = 0,
) -> Laid:
    """A sample changed along each of the `directions` that change samples the most, a row each.

    Paper: Härkönen et al. 2020, GANSpace: Discovering Interpretable GAN Controls, section 2.1 (of styles); Ramesh,
    Choi & LeCun 2018, A Spectral Regularizer for Unsupervised Disentanglement (of latents)

    With styles they are the principal directions of styles; of latents, the leading singular directions of the mean
    square of the decoder's slopes. Each goes from -`reach` to +`reach` deviations. The sample is of class `y`, the
    first if there are classes.
    """
    game = decoding(model)
    label = one_class(model, y)
    with torch.random.fork_rng():
        torch.manual_seed(seed_of(seed, "traverse"))
        z = game.latents(1)
        if isinstance(game, Styles):
            start, ways = _of_styles(game, z, label)
        else:
            start, ways = z[0], _of_latents(game, label)
    amounts = torch.linspace(-reach, reach, columns).to(start)
    laid = torch.stack([start + amounts.view(-1, *[1] * start.dim()) * way for way in ways[:directions]])
    names = [f"direction {number + 1}" for number in range(len(laid))]
    return Laid(laid, torch.stack([made_of(model, row, label) for row in laid]), names, moves=True)


def _of_styles(game: Styles, z: Tensor, label: Tensor | None) -> tuple[Tensor, Tensor]:
    """A sample's styles (layers, style) and the principal directions (D, style), as long as a deviation."""
    w, start = styles_of(game, game.latents(DRAWN), label)[:, 0], styles_of(game, z, label)[0]
    _, lengths, ways = torch.linalg.svd(w - w.mean(0), full_matrices=False)
    return start, ways * (lengths / (len(w) - 1) ** 0.5)[:, None]


def _of_latents(game: Decoding, label: Tensor | None) -> Tensor:
    """Directions (D, latent), the first of which changes samples the most, as long as the prior's deviation."""
    z = game.latents(_SLOPES)
    y = None if label is None else label.expand(_SLOPES)
    found = torch.zeros(z.shape[1], z.shape[1])
    for _ in range(_PROBES):
        seen = z.clone().requires_grad_()
        made = game.decode(seen, y)
        # Of random combinations of a sample's numbers: the mean of their slopes' squares is that of all.
        (slope,) = torch.autograd.grad((made * torch.randn_like(made)).sum(), seen)
        found += (slope.T @ slope).float().cpu()
    _, ways = torch.linalg.eigh(found)
    return ways.T.flip(0).to(z) * z.std()
