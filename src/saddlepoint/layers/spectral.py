"""Spectral normalisation of a discriminator's layers."""

from __future__ import annotations

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


def spectral(layer: nn.Module, wanted: bool) -> nn.Module:
    """`layer` with its weight divided by its largest singular value, where `wanted`.

    Paper: Miyato et al. 2018, Spectral Normalization for Generative Adversarial Networks, equation 8
    """
    return spectral_norm(layer) if wanted else layer
