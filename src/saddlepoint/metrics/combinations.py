"""Which combinations of classes samples are whose channels are of a class each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from saddlepoint.errors import BadData
from saddlepoint.metric import Estimate


class Combinations(NamedTuple):
    """How many combinations there are among the samples, and KL(found || true) of their shares, in nats."""

    found: int
    divergence: Estimate


def combinations(channel_read: NDArray[np.integer], channel_shares: NDArray[np.floating]) -> Combinations:
    """Modes of stacked pictures, by the classes (N, C) read in their channels, of true shares (K,) each.

    Paper: Metz et al. 2017, Unrolled Generative Adversarial Networks, section 3.3.1; Lin et al. 2018, PacGAN, section 4

    Of K^C. What perfect samples get depends on N: with 26,000 of 1,000 equal modes all are found, and the divergence is
    about (K^C - 1) / 2N = 0.019. Raises BadData for classes that are not among the shares.
    """
    read, shares = np.asarray(channel_read), np.asarray(channel_shares, np.float64)
    kinds, channels = len(shares), read.shape[1]
    if read.min() < 0 or read.max() >= kinds:
        raise BadData(f"combinations wants classes from 0 to {kinds - 1}, got {read.min()} to {read.max()}")
    counts = np.bincount(np.ravel_multi_index(tuple(read.T), (kinds,) * channels), minlength=kinds**channels)
    true = shares
    for _ in range(channels - 1):
        true = np.multiply.outer(true, shares).ravel()
    known = counts > 0
    found = counts[known] / len(read)
    with np.errstate(divide="ignore"):
        divergence = float((found * np.log(found / true[known])).sum())
    return Combinations(int(known.sum()), Estimate(divergence))
