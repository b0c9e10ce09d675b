"""The margin loss of spectrally normalised GANs."""

from __future__ import annotations

from torch.nn.functional import relu

from saddlepoint.duel import Objective


def hinge() -> Objective:
    """Scores pushed beyond a margin of one, and no further.

    Paper: Lim & Ye 2017, Geometric GAN, section 3; Miyato et al. 2018, equations 16 and 17

    discriminator: mean max(0, 1 - r) + mean max(0, 1 + f); generator: -mean f.
    """
    return Objective(
        discriminator={
            "real": lambda duel: relu(1 - duel.on_real).mean(),
            "fake": lambda duel: relu(1 + duel.on_fake).mean(),
        },
        generator={"fake": lambda duel: -duel.on_fake.mean()},
    )
