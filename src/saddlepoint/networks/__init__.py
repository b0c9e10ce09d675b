from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from saddlepoint.catalogue import Shelf
from saddlepoint.errors import BadOption

if TYPE_CHECKING:
    from torch import nn

    from saddlepoint.architecture import Architecture


@dataclass(frozen=True)
class Networks(Shelf):
    """Networks by name; a function of (spec, latent), named by import path or file, makes modules of one's own."""

    def build(self, name: str, *parts: Any, **options: Any) -> Any:
        """The `Architecture` called `name`; misspelt options are refused with the nearest."""
        entry = self.entry(name)
        if not entry.parts:
            return _checked(name, super().build(name, *parts, **options))
        from saddlepoint.own import own

        return own(partial(self.function(name), **entry.complete(options, self.kind)))


def _checked(name: str, made: Any) -> Architecture:
    from saddlepoint.architecture import Architecture

    if isinstance(made, Architecture):
        return made
    raise BadOption(
        f"network {name!r}: wanted an Architecture, or of a function of (spec, latent) two modules, "
        f"a generator and a discriminator; got {type(made).__name__}"
    )


def own(generator: nn.Module, discriminator: nn.Module) -> Architecture:
    """Two modules in hand as a network for the game `gan`: `saddlepoint.own` says what they must do."""
    from saddlepoint.own import own

    return own(lambda spec, latent: (generator, discriminator))


shelf = Networks("network", __name__)
build, names = shelf.build, shelf.names

__all__ = ["build", "names", "own", "shelf"]
