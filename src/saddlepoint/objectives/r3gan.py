"""The relativistic pairing with both zero-centred penalties."""

from __future__ import annotations

from torch.nn.functional import softplus

from saddlepoint.duel import Objective
from saddlepoint.regularizers.r1 import r1
from saddlepoint.regularizers.r2 import r2
from saddlepoint.schedule import Weight


def r3gan(*, weight: Weight = 1.0) -> Objective:
    """Each fake is compared with one real sample, and the slope is penalised at both.

    Paper: Huang et al. 2024, The GAN is dead; long live the GAN! A Modern Baseline GAN, equations 2 to 4

    discriminator: mean sp(f - r) + weight/2 (mean |grad D(x)|^2 + mean |grad D(G(z))|^2); generator: mean sp(r - f).
    """
    pairing = Objective(
        discriminator={"pairing": lambda duel: softplus(duel.on_fake - duel.on_real).mean()},
        generator={"pairing": lambda duel: softplus(duel.on_real - duel.on_fake).mean()},
    )
    return r1(weight=weight)(r2(weight=weight)(pairing))
