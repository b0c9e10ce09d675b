"""Samples that hardly differ."""

from __future__ import annotations

import numpy as np

from saddlepoint.history import Finding, Series


def collapse(variety: Series, *, least: float = 0.2, patience: int = 5) -> Finding | None:
    """The samples' spread, of which real data has 1, below `least` for `patience` values in a row.

    Paper: Goodfellow 2016, NIPS 2016 Tutorial: Generative Adversarial Networks, section 5.1.1 (the Helvetica scenario)

    Where it was never above, for four times as many: a generator that has only begun makes much the same of everything.
    """
    begun = bool((variety.values >= least).any())
    since = variety.held(lambda values: ~(values >= least), patience if begun else 4 * patience)
    if since is None:
        return None
    now = variety.last
    spread = f"is {now:.2g} of that of real data" if np.isfinite(now) else "is no longer a number"
    return Finding(
        f"the samples hardly differ: their spread {spread}",
        since,
        {"variety": now, "limit": least},
        "the generator has found one sample, or few, that the discriminator takes for real, and makes nothing else",
        "add a gradient penalty (--regularizer r1,r2) or an objective that pairs real and fake (--objective r3gan); "
        "lower the learning rates and momentum (--optimizer.beta1 0); let the discriminator see packs (--game.pack 2)",
    )
