"""One player: an encoder and a decoder under the evidence lower bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.distributions import ContinuousBernoulli
from torch.nn.functional import binary_cross_entropy_with_logits

from saddlepoint.architecture import Architecture, Coder, Generator, GeneratorLabel
from saddlepoint.conditional import Conditional, Density, shares_for
from saddlepoint.draws import normal
from saddlepoint.endings import Bounded
from saddlepoint.errors import BadOption
from saddlepoint.game import Batch, Decodes, Encodes, Loss, Player
from saddlepoint.ranges import Count, Scale, Width
from saddlepoint.schedule import Weight, schedule
from saddlepoint.spec import Spec

Variance = Literal["fixed", "shared", "learned"]


def vae(
    spec: Spec,
    network: Architecture,
    *,
    latent: Width = 16,
    likelihood: Literal["gaussian", "bernoulli", "continuous_bernoulli"] = "gaussian",
    variance: Variance = "shared",
    std: Scale = 0.1,
    beta: Weight = 1.0,
    sampled: Literal["mean", "drawn"] = "mean",
    importance_samples: Count = 50,
    label: GeneratorLabel = "join",
) -> VAE:
    """An encoder and a decoder that maximise the evidence lower bound E log p(x|z) - beta KL(q(z|x) | p(z)).

    Paper: Kingma & Welling 2014, Auto-Encoding Variational Bayes, equations 7 and 10; Higgins et al. 2017, beta-VAE;
    Burda et al. 2016, Importance Weighted Autoencoders, equation 8 (log-likelihood); Rybkin et al. 2021, Simple and
    Effective VAE Training with Calibrated Decoders (shared variance); Loaiza-Ganem & Cunningham 2019, The continuous
    Bernoulli

    log p(x|z) is summed over all numbers of a sample. The Gaussian's standard deviation, in units of what networks see,
    is `std` ("fixed"), one learned number ("shared"), or learned for each number of a sample ("learned", psi(z) in the
    lectures); "bernoulli" takes grey values as probabilities, which is no density of grey values, and is not scored;
    "continuous_bernoulli" is one. `beta` may rise: "0 to 1 over 1000". What is sampled is the decoder's mean, or
    "drawn" from p(x|z), which is the model whose likelihood is told. With labels, both networks see them. The lectures'
    update of the encoder holds z fixed, which has no gradient: here z = m + s eps.
    """
    bernoulli = likelihood != "gaussian"
    if bernoulli and spec.bounds is None:
        raise BadOption("a Bernoulli likelihood wants data between two bounds, such as images; take gaussian")
    observed: _Likelihood
    if bernoulli:
        observed = (_Bernoulli if likelihood == "bernoulli" else _ContinuousBernoulli)(spec, network, latent, label)
    elif variance == "learned":
        observed = _Gaussian(spec, network, latent, label)
    else:
        observed = _SharedGaussian(spec, network, latent, label, std, learned=variance == "shared")
    encoder = Coder(network, spec, 2 * latent, join=label != "none")
    kind = VAE if likelihood == "bernoulli" else DensityVAE
    return kind(encoder, observed, latent, beta, shares_for(spec, label), importance_samples, drawn=sampled == "drawn")


class VAE(Conditional, Decodes, Encodes):
    """An encoder (x, y) -> mean and log-variance of q(z|x) and a likelihood p(x | z, y), with the prior N(0, I)."""

    def __init__(
        self,
        encoder: Coder,
        likelihood: _Likelihood,
        latent: int,
        beta: Weight,
        shares: Sequence[float],
        importance_samples: int,
        *,
        drawn: bool,
    ) -> None:
        super().__init__(shares)
        self.encoder, self.likelihood, self.latent = encoder, likelihood, latent
        self.beta, self.importance_samples, self.drawn = schedule(beta), importance_samples, drawn

    def players(self) -> Sequence[Player]:
        return (Player("autoencoder", [self.encoder, self.likelihood], self.loss),)

    def loss(self, batch: Batch, step: int) -> Loss:
        """Minus the bound, in nats a sample: the reconstruction's and the divergence's term."""
        x, y = batch["x"], batch.get("y")
        mean, log_variance = self.posterior_of(x, y)
        z = mean + (log_variance / 2).exp() * normal(len(x), (self.latent,), mean)
        reconstruction = -self.likelihood.log_density(x, z, y).mean()
        divergence = kl_to_standard(mean, log_variance).mean()
        terms = {"reconstruction": reconstruction, "divergence": self.beta(step) * divergence}
        return Loss(terms, {"z": z.detach(), "mean": mean.detach(), "bound": -(reconstruction + divergence).detach()})

    def posterior_of(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (B, latent) each of q(z | x, y)."""
        mean, log_variance = self.encoder(x, y).float().chunk(2, dim=1)
        return mean, log_variance

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The means (B, latent) of q(z | x, y)."""
        return self.posterior_of(x, y)[0]

    def latents(self, n: int) -> Tensor:
        """`n` latents (n, latent) from N(0, I)."""
        return torch.randn(n, self.latent, device=self.device)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """The means (B, *shape) of p(x | z, y)."""
        return self.likelihood.mean(z, y)

    def draw(self, n: int, y: Tensor | None) -> Tensor:
        z = self.latents(n)
        return self.likelihood.draw(z, y) if self.drawn else self.decode(z, y)

    def log_density(self, x: Tensor, y: Tensor | None) -> Tensor:
        """log p(x | y) by importance sampling: log mean_k p(x|z_k) p(z_k) / q(z_k|x), (B,). From below on average."""
        with torch.no_grad():
            mean, log_variance = self.posterior_of(x, y)
            weights = [self._log_weight(x, y, mean, log_variance) for _ in range(self.importance_samples)]
        return torch.stack(weights).logsumexp(0) - math.log(self.importance_samples)

    def _log_weight(self, x: Tensor, y: Tensor | None, mean: Tensor, log_variance: Tensor) -> Tensor:
        noise = torch.randn_like(mean)
        z = mean + (log_variance / 2).exp() * noise
        ratio = 0.5 * (noise.square() + log_variance - z.square()).sum(1)
        return self.likelihood.log_density(x, z, y) + ratio


class DensityVAE(VAE, Density):
    """A VAE whose likelihood is a density of the data's numbers."""


def kl_to_standard(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) | N(0, I)) in nats (B,), for (B, latent) each."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)


class _Likelihood(nn.Module):
    """p(x | z, y): the decoder and what it says of the samples' numbers."""

    def __init__(self, decoder: Generator) -> None:
        super().__init__()
        self.decoder = decoder

    def mean(self, z: Tensor, y: Tensor | None) -> Tensor:
        """E(x | z, y), (B, *shape)."""
        x: Tensor = self.decoder(z, y)
        return x

    def draw(self, z: Tensor, y: Tensor | None) -> Tensor:
        """x ~ p(x | z, y), (B, *shape)."""
        raise NotImplementedError

    def log_density(self, x: Tensor, z: Tensor, y: Tensor | None) -> Tensor:
        """log p(x | z, y) in nats (B,), summed over all numbers of x (B, *shape)."""
        raise NotImplementedError


class _SharedGaussian(_Likelihood):
    def __init__(
        self, spec: Spec, network: Architecture, latent: int, label: GeneratorLabel, std: float, *, learned: bool
    ) -> None:
        super().__init__(Generator(network, spec, latent, label))
        self.log_std = nn.Parameter(torch.tensor(math.log(std)), requires_grad=learned)

    def draw(self, z: Tensor, y: Tensor | None) -> Tensor:
        mean = self.mean(z, y)
        return mean + self.log_std.exp() * torch.randn_like(mean)

    def log_density(self, x: Tensor, z: Tensor, y: Tensor | None) -> Tensor:
        return _log_normal(x, self.mean(z, y).float(), self.log_std)


class _Gaussian(_Likelihood):
    """The decoder makes twice the channels: means and log-deviations."""

    def __init__(self, spec: Spec, network: Architecture, latent: int, label: GeneratorLabel) -> None:
        channels, *size = spec.shape
        twice = replace(spec, shape=(2 * channels, *size), bounds=None, simplexes=())
        super().__init__(Generator(network, twice, latent, label))
        self.bounded = Bounded(spec)

    def mean(self, z: Tensor, y: Tensor | None) -> Tensor:
        return self._both(z, y)[0]

    def draw(self, z: Tensor, y: Tensor | None) -> Tensor:
        mean, log_std = self._both(z, y)
        return mean + log_std.exp() * torch.randn_like(mean)

    def log_density(self, x: Tensor, z: Tensor, y: Tensor | None) -> Tensor:
        return _log_normal(x, *self._both(z, y))

    def _both(self, z: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor]:
        mean, log_std = self.decoder.unbounded(z, y).float().chunk(2, dim=1)
        return self.bounded(mean), log_std.clamp_min(_LEAST_LOG_STD)


class _Bernoulli(_Likelihood):
    """Numbers between the bounds as probabilities of the upper one."""

    def __init__(self, spec: Spec, network: Architecture, latent: int, label: GeneratorLabel) -> None:
        super().__init__(Generator(network, spec, latent, label))
        assert spec.bounds is not None
        self.low, self.high = spec.bounds

    def mean(self, z: Tensor, y: Tensor | None) -> Tensor:
        return self.low + (self.high - self.low) * self.decoder.unbounded(z, y).sigmoid()

    def draw(self, z: Tensor, y: Tensor | None) -> Tensor:
        return self.low + (self.high - self.low) * self.decoder.unbounded(z, y).sigmoid().bernoulli()

    def log_density(self, x: Tensor, z: Tensor, y: Tensor | None) -> Tensor:
        share = (x.float() - self.low) / (self.high - self.low)
        logits = self.decoder.unbounded(z, y).float()
        return -binary_cross_entropy_with_logits(logits, share, reduction="none").flatten(1).sum(1)


class _ContinuousBernoulli(_Bernoulli):
    """Numbers between the bounds under a density that is exponential in them."""

    def mean(self, z: Tensor, y: Tensor | None) -> Tensor:
        return self.low + (self.high - self.low) * self._distribution(z, y).mean

    def draw(self, z: Tensor, y: Tensor | None) -> Tensor:
        return self.low + (self.high - self.low) * self._distribution(z, y).sample()

    def log_density(self, x: Tensor, z: Tensor, y: Tensor | None) -> Tensor:
        share = (x.float() - self.low) / (self.high - self.low)
        density = self._distribution(z, y).log_prob(share) - math.log(self.high - self.low)
        return density.flatten(1).sum(1)

    def _distribution(self, z: Tensor, y: Tensor | None) -> ContinuousBernoulli:
        return ContinuousBernoulli(logits=self.decoder.unbounded(z, y).float(), validate_args=False)


def _log_normal(x: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    """log N(x; mean, exp(log_std)^2) summed over all but the batch dimension: (B,)."""
    squared = ((x.float() - mean) * (-log_std).exp()).square()
    return -(0.5 * squared + log_std + 0.5 * math.log(2 * math.pi)).flatten(1).sum(1)


_LEAST_LOG_STD = -6.0
