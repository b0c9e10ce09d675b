"""Two players: a generator against an autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from saddlepoint.adversarial import GAN
from saddlepoint.architecture import Architecture, Coder, Generator, GeneratorLabel
from saddlepoint.conditional import shares_for
from saddlepoint.duel import Featured, Objective, norm
from saddlepoint.prior import Prior
from saddlepoint.ranges import Amount, Width
from saddlepoint.spec import Spec


def ebgan(
    spec: Spec,
    network: Architecture,
    prior: Prior,
    *,
    latent: Width = 64,
    code: Width = 32,
    margin: Amount = 10.0,
    pull_away: Amount = 0.1,
    label: GeneratorLabel = "join",
) -> GAN:
    """The discriminator is an autoencoder; its energy is how badly it reconstructs: E(x) = |dec(enc(x)) - x|.

    Paper: Zhao, Mathieu & LeCun 2017, Energy-based Generative Adversarial Networks, equations 1 to 4

    discriminator: mean E(x) + mean max(0, margin - E(G(z))); generator: mean E(G(z)) + pull_away PT, where PT is the
    mean squared cosine between the codes of different fakes. The energy is a Euclidean norm over all numbers of a
    sample, and so is the `margin`; a good one is two to three times what a plain autoencoder reaches on the data.
    """
    energies = _Energies(Coder(network, spec, code, join=label != "none"), Generator(network, spec, code, label), code)
    objective = Objective(
        discriminator={
            "real": lambda duel: -duel.on_real.mean(),
            "fake": lambda duel: (margin + duel.on_fake).relu().mean(),
        },
        generator={
            "energy": lambda duel: -duel.on_fake.mean(),
            "pull_away": lambda duel: pull_away * likeness(duel.fake_features[:, :code]),
        },
    )
    return GAN(Generator(network, spec, latent, label), energies, objective, prior, latent, shares_for(spec, label))


def likeness(codes: Tensor) -> Tensor:
    """The pulling-away term: the mean squared cosine between different codes (B, F), a scalar in [0, 1].

    Paper: Zhao, Mathieu & LeCun 2017, equation 4
    """
    unit = normalize(codes.float(), dim=1)
    squared = (unit @ unit.T).square()
    count = len(codes)
    return (squared.sum() - squared.diagonal().sum()) / max(count * (count - 1), 1)


class _Energies(nn.Module, Featured):
    """Scores are negative energies; features are the code and, beside it, the reconstruction's error."""

    def __init__(self, encoder: Coder, decoder: Generator, code: int) -> None:
        super().__init__()
        self.encoder, self.decoder, self.code = encoder, decoder, code

    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        code = self.encoder(x, y)
        return torch.cat([code, (self.decoder(code, y) - x).flatten(1)], dim=1)

    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        return -norm(features[:, self.code :].float().square().sum(1))

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.judge(self.features(x, y), y)
