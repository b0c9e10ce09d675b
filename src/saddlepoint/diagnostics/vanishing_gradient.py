"""A gradient that has all but gone."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def vanishing_gradient(gradient: Series, *, least: float = 1e-6, patience: int = 5) -> Finding | None:
    """A gradient's norm below `least` for `patience` values in a row.

    Paper: Arjovsky & Bottou 2017, Towards Principled Methods for Training Generative Adversarial Networks, section 2
    """
    since = gradient.held(lambda values: values < least, patience)
    if since is None:
        return None
    return Finding(
        f"the gradient's norm is {gradient.last:.1g}: nothing is learned",
        since,
        {"gradient": gradient.last, "limit": least},
        "units or losses are saturated: whichever way the weights move, the loss stays the same",
        "lower learning rates and momentum (--optimizer.beta1 0), or take a loss that does not saturate "
        "(non_saturating, wgan_gp, r3gan)",
    )
