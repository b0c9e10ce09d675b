"""Answers that are what was given."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def copied_input(changed: Series, *, least: float = 0.05, patience: int = 3) -> Finding | None:
    """Answers that differ from what is given by less than `least` of what real ones do, `patience` looks in a row.

    Paper: Zhu et al. 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, section 5.2
    """
    since = changed.held(lambda values: values < least, patience)
    if since is None:
        return None
    return Finding(
        f"the answers are all but what was given: they differ by {changed.last:.2g} of what real ones do",
        since,
        {"changed": changed.last, "limit": least},
        "to do nothing costs nothing: a cycle closes, and what is added to the input starts at zero",
        "a smaller --game.identity or --game.cycle, a stronger discriminator (--network.field, "
        "--optimizer.discriminators.lr), or a network that does not add to its input (--network.added false)",
    )
