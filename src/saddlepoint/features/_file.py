"""A network of the user's own as features: TorchScript or ONNX in a file."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from saddlepoint.errors import BadData, one_line
from saddlepoint.extractor import Array, Extractor

_PART = 256
Call = Callable[[Array], Array]


class Network(Extractor):
    """What the network in `file` makes of samples, flattened; it is given them as float32 in their own units."""

    preprocessing = "float32, own units"

    def __init__(self, file: Path, call: Call) -> None:
        self.name, self._call = file.stem, call
        self.digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]

    def __call__(self, x: Array) -> Array:
        x = np.asarray(x, np.float32)
        try:
            parts = [np.asarray(self._call(x[start : start + _PART])) for start in range(0, len(x), _PART)]
            return np.concatenate([part.reshape(len(part), -1) for part in parts])
        except Exception as error:
            shape = " x ".join(map(str, x.shape[1:]))
            raise BadData(
                f"features {self.name}: wanted a network that takes any number of {shape} samples and gives an array, "
                f"a row for each; it said: {one_line(error)}"
            ) from error


def network_in(path: str) -> Network:
    """The network in a .onnx file, or else in a TorchScript one; raises `BadData` when it cannot be read."""
    file = Path(path)
    if not file.is_file():
        raise BadData(f"features {path}: there is no such file")
    return Network(file, _onnx(file) if file.suffix == ".onnx" else _torchscript(file))


def _onnx(file: Path) -> Call:
    try:
        from onnxruntime import InferenceSession
    except ModuleNotFoundError:
        raise BadData(f"features {file}: an ONNX file wants onnxruntime: pip install onnxruntime") from None
    try:
        session = InferenceSession(str(file), providers=["CPUExecutionProvider"])
    except Exception as error:
        raise BadData(f"features {file} cannot be read as ONNX: {one_line(error)}") from None
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})[0]


def _torchscript(file: Path) -> Call:
    network = torchscript(file)

    def call(x: Array) -> Array:
        with torch.no_grad():
            return network(torch.as_tensor(x)).float().numpy()

    return call


def torchscript(file: Path) -> nn.Module:
    """The network in a TorchScript file; raises `BadData` when it cannot be read."""
    try:
        with warnings.catch_warnings():
            # torch deprecates the format; files of it, such as the usual Inception weights, remain.
            warnings.simplefilter("ignore", DeprecationWarning)
            return torch.jit.load(str(file), map_location="cpu").eval()
    except RuntimeError as error:
        raise BadData(f"features {file} cannot be read as TorchScript: {one_line(error)}") from None
