"""Inception's features: the weights are told by their hash, and a missing file is a clear sentence."""

import hashlib
import urllib.error

import numpy as np
import pytest
import torch
from torch import nn

from saddlepoint import data, features
from saddlepoint.features import inception


class Stub(nn.Module):
    """What the real file is called like: 8-bit images, and features where they are asked for."""

    def forward(self, x: torch.Tensor, return_features: bool = False) -> torch.Tensor:
        return x.mean((2, 3)) if return_features else x


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SADDLEPOINT_CACHE", str(tmp_path))

    def offline(*told, **more):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    return tmp_path


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_the_file_of_the_right_hash_is_called_with_8_bit_images_of_three_channels(cache, monkeypatch):
    file = cache / "inception-2015-12-05.pt"
    torch.jit.script(Stub()).save(file)
    monkeypatch.setattr(inception, "_SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    made = features.build("inception", data.build("digits"))
    x = np.random.default_rng(0).random((70, 1, 8, 8), np.float32)
    expected = np.repeat((x * 255).round().mean((2, 3)), 3, axis=1)
    assert np.allclose(made(x), expected, rtol=1e-5)
    assert len(made.digest) == 12


def test_weights_that_are_absent_or_others_are_refused(cache):
    with pytest.raises(ValueError, match=r"cannot be fetched .*no network.*; put https://.* at .*2015-12-05.pt"):
        features.build("inception", data.build("digits"))
    (cache / "inception-2015-12-05.pt").write_bytes(b"others")
    with pytest.raises(ValueError, match="is not the file that published scores are made with"):
        features.build("inception", data.build("digits"))
    with pytest.raises(ValueError, match="wants images of one or three channels"):
        features.build("inception", data.build("ring"))
