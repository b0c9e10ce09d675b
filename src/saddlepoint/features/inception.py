"""The Inception network of the field's published scores."""

from __future__ import annotations

import hashlib
import urllib.error
from pathlib import Path

import numpy as np
import torch

from saddlepoint.errors import BadData, Unfit
from saddlepoint.extractor import Array, Extractor
from saddlepoint.features._file import torchscript
from saddlepoint.machine.cache import cache_folder
from saddlepoint.source import Source


def inception(source: Source) -> Extractor:
    """2,048 features of Inception v3 as trained on ImageNet in 2015: the Frechet distance in these is the FID.

    Paper: Szegedy et al. 2016, Rethinking the Inception Architecture; Heusel et al. 2017 (FID); Karras et al. 2020
    (these weights, in TorchScript, which bring images to 299 x 299 themselves)

    The weights, 96 MB, are fetched once into the cache folder, or put there by hand, and told by their hash. Grey
    images are taken as three equal channels. Published scores differ in counts, reference and resizing: compare with
    one only if these are the same. Raises `Unfit` for what are no images of one or three channels.
    """
    shape = source.spec.shape
    if not source.spec.is_image or shape[0] not in (1, 3):
        raise Unfit("inception wants images of one or three channels; take --features values or a network of your own")
    return _Inception(_weights())


class _Inception(Extractor):
    name = "inception"
    preprocessing = "8-bit, resized to 299 x 299 by the network"

    def __init__(self, file: Path) -> None:
        self.digest = _SHA256[:12]
        self._network = torchscript(file)

    def __call__(self, x: Array) -> Array:
        parts = []
        for start in range(0, len(x), _PART):
            images = torch.as_tensor(np.asarray(x[start : start + _PART], np.float32)) * 255
            with torch.no_grad():
                parts.append(self._network(images.round().expand(-1, 3, -1, -1), return_features=True).numpy())
        return np.concatenate(parts)


def _weights() -> Path:
    file = cache_folder() / "inception-2015-12-05.pt"
    if not file.exists():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(_ADDRESS, str(file), hash_prefix=_SHA256, progress=False)
        except (urllib.error.URLError, OSError, RuntimeError) as error:
            raise BadData(f"Inception's weights cannot be fetched ({error}); put {_ADDRESS} at {file}") from None
    if hashlib.sha256(file.read_bytes()).hexdigest() != _SHA256:
        raise BadData(f"{file} is not the file that published scores are made with; remove it, it is fetched anew")
    return file


_ADDRESS = "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/metrics/inception-2015-12-05.pt"
_SHA256 = "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4"
_PART = 64
