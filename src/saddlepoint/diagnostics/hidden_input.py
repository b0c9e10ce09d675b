"""A way back that reads what no eye sees in an answer."""

from __future__ import annotations

from saddlepoint.history import Finding, Series


def hidden_input(hidden: Series, *, most: float = 4.0, patience: int = 3) -> Finding | None:
    """The way back `most` times as wrong from answers with a little noise, `patience` looks in a row.

    Paper: Chu, Zhmoginov & Sandler 2017, CycleGAN, a Master of Steganography

    Noise of a fiftieth of the range, which hardly shows. A cycle that closes by it says nothing of the answers.
    """
    since = hidden.held(lambda values: values > most, patience)
    if since is None:
        return None
    return Finding(
        f"the way back reads what is hidden in the answers: noise that hardly shows makes it {hidden.last:.1f} times "
        "as wrong",
        since,
        {"hidden": hidden.last, "limit": most},
        "what the other side cannot show is written into faint patterns, so that the cycle closes all the same",
        "a smaller --game.cycle, noise on what the networks see (--regularizer instance_noise), or --game cut, which "
        "has no cycle",
    )
