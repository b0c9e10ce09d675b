"""What is found by looking among latents."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from torch import Tensor


class Found(ABC):
    """Latents z (N, latent), and what there is to show and to say of them.

    `remakes` says whether what was looked for is to be what was given.
    """

    z: Tensor
    remakes: bool = True

    @abstractmethod
    def shown(self) -> Mapping[str, Tensor]:
        """Samples (N, *shape) in own units, by what they are; the last ones are what was looked for."""

    @abstractmethod
    def figures(self) -> Mapping[str, Tensor]:
        """Numbers (N,) of each, by name."""

    def kept(self) -> Mapping[str, Tensor]:
        """Of what is shown, the samples (N, *shape) that get a file each, by their class; "" where it is not told."""
        return {"": list(self.shown().values())[-1]}
