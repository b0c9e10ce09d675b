"""Samples that lie on something thinner than the data does."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def low_dimension(dimension: Series, *, least: float = 0.6, patience: int = 3) -> Finding | None:
    """The samples' intrinsic dimension below `least` of that of real samples, `patience` looks in a row.

    Paper: Facco et al. 2017, Estimating the Intrinsic Dimension of Datasets by a Minimal Neighborhood Information
    """
    since = dimension.held(lambda values: values < least, patience)
    if since is None:
        return None
    return Finding(
        f"the samples lie on something of {dimension.last:.0%} of the data's dimension",
        since,
        {"dimension": dimension.last, "limit": least},
        "the latents have too few dimensions to reach everywhere, or the generator makes no use of them",
        "more latent dimensions (--game.latent); where pictures are given, a smaller --game.distance",
        curable=False,
    )
