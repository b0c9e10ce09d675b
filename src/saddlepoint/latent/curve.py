"""What fidelity costs in diversity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from saddlepoint.latent._truncation import truncated
from saddlepoint.latent.truncate import amounts_of
from saddlepoint.saved.model import Model

Judge = Callable[[Model], Mapping[str, float]]


@dataclass(frozen=True)
class Curve:
    """The scores of samples at each `psi`, and beside them what real data gets, by name."""

    psi: Sequence[float]
    scores: Sequence[Mapping[str, float]]


def curve(model: Model, judge: Judge, *, psi: str = "1.2 1 0.85 0.7 0.5 0.3 0.1") -> Curve:
    """Precision, recall, density and coverage at each `psi`: nearer to the middle fidelity rises and diversity falls.

    Paper: Kynkäänniemi et al. 2019, Improved Precision and Recall Metric, section 4.1; Karras et al. 2019, A
    Style-Based Generator Architecture for GANs, appendix B

    The model is judged by its own data, as `saddle judge` does it, with its styles scaled about their mean or, of a
    model without, its latents. Never tell one of the scores without the other, nor either without psi.
    """
    amounts = amounts_of(psi)
    return Curve(amounts, [judge(truncated(model, psi=amount)) for amount in amounts])
