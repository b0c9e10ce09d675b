"""Real samples that are now and then called fake."""

from __future__ import annotations

from dataclasses import replace

from saddlepoint.duel import Objective, Regularizer, Term
from saddlepoint.errors import BadOption
from saddlepoint.ranges import ProperShare


def label_smoothing(*, amount: ProperShare = 0.1) -> Regularizer:
    """One-sided label smoothing: a real sample counts as fake with weight `amount`.

    Paper: Salimans et al. 2016, Improved Techniques for Training GANs, section 3.4

    For logits this is the cross-entropy with target 1 - amount. Fakes are left alone: smoothing them too rewards
    the generator for staying where there is no data. A pairing is smoothed by swapping its two sides.
    """

    def smooth(as_real: Term, as_fake: Term) -> Term:
        return lambda duel: (1 - amount) * as_real(duel) + amount * as_fake(duel.swapped)

    def add(objective: Objective) -> Objective:
        terms = dict(objective.discriminator)
        for name, taken_for in (("real", "fake"), ("pairing", "pairing")):
            if name in terms and taken_for in terms:
                return replace(objective, discriminator=terms | {name: smooth(terms[name], terms[taken_for])})
        raise BadOption(
            "label_smoothing wants an objective with terms 'real' and 'fake', or 'pairing'; "
            f"this one has {', '.join(terms)}"
        )

    return add
