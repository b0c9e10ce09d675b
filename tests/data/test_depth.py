"""The depth of pixels is that of the values, not of the type that holds them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from saddlepoint.data import build
from saddlepoint.data._depth import spread, white_of
from saddlepoint.errors import BadData
from tests.data.conftest import save_idx

RAMP = np.linspace(0, 1, 20 * 30).reshape(20, 5, 6)


def brightness(source) -> np.ndarray:
    """All values of a source's samples, sorted."""
    return np.sort(source.real(100).x.numpy().ravel())


@pytest.mark.parametrize(
    ("peak", "white"),
    [(0, 1), (1, 1), (2, 255), (255, 255), (256, 1023), (4095, 4095), (4096, 2**14 - 1), (20_000, 65535)],
)
def test_white_is_that_of_the_least_depth_that_holds_the_greatest_value(peak, white):
    assert white_of(peak) == white


@pytest.mark.parametrize("white", [1, 255, 1023, 4095, 65535])
def test_values_are_spread_over_a_byte_and_rounded(white):
    values = np.arange(white + 1)
    assert np.array_equal(spread(values, white), np.floor(values * 255 / white + 0.5).astype(np.uint8))
    assert spread(np.array([white + 5]), white) == 255


@pytest.mark.parametrize(("bits", "kind"), [*((bits, "uint16") for bits in (8, 10, 12, 14)), (8, "int32")])
def test_pictures_of_few_bits_in_a_deep_type(tmp_path, bits, kind):
    white = 2**bits - 1
    for i, image in enumerate(RAMP):
        Image.fromarray(np.rint(image * white).astype(kind)).save(tmp_path / f"{i:02d}.tif")
    source = build("images", str(tmp_path), held_out=0)
    assert np.abs(brightness(source) - RAMP.ravel()).max() < 0.004
    assert source.notes == (f"20 images have 16 bits, but the greatest value is {white}: taken as {bits} bits",)
    streamed = build("images", str(tmp_path), held_out=0, memory=0)
    assert torch.equal(source.batches(8)(0)["x"], streamed.batches(8)(0)["x"])


def test_pictures_of_sixteen_bits_are_as_before(tmp_path):
    Image.fromarray(np.array([[0, 257, 16384]], np.uint16)).save(tmp_path / "a.png")
    source = build("images", str(tmp_path))
    assert (source.real(1).x * 255).round().flatten().tolist() == [0, 1, 64]
    assert source.notes == ("1 image has 16 bits: scaled to 8",)


@pytest.mark.parametrize("memory", [1.0, 0.0])
def test_masks_are_black_and_white(tmp_path, memory):
    for i in range(4):
        Image.fromarray((RAMP[i] > RAMP[i].mean()).astype(np.uint8)).save(tmp_path / f"{i}.png")
    source = build("images", str(tmp_path), memory=memory, held_out=0)
    assert set(brightness(source).tolist()) == {0.0, 1.0}
    assert source.notes[0] == "the greatest value is 1: taken as black and white"


def test_dark_pictures_are_told(tmp_path):
    Image.fromarray((RAMP[0] * 0 + 15).astype(np.uint8)).save(tmp_path / "a.png")
    (note,) = build("images", str(tmp_path)).notes
    assert note.startswith("the greatest value is 15 of 255: networks see all but black")
    Image.fromarray((RAMP[0] * 0 + 200).astype(np.uint8)).save(tmp_path / "b.png")
    assert build("images", str(tmp_path)).notes == ()


def test_black_pictures_are_black(tmp_path):
    Image.new("L", (3, 3)).save(tmp_path / "a.png")
    source = build("images", str(tmp_path))
    assert source.real(1).x.max() == 0
    assert source.notes == ()


@pytest.mark.parametrize(
    ("x", "note"),
    [
        (RAMP * 65535, "the greatest value is 65535, in uint16: taken as 16 bits"),
        (RAMP * 4095, "the greatest value is 4095, in uint16: taken as 12 bits"),
        (RAMP * 255, "the greatest value is 255, in uint16: taken as 8 bits"),
    ],
)
def test_arrays_of_whole_numbers_are_read_by_their_depth(x, note):
    source = build("arrays", np.rint(x).astype("uint16"), held_out=0)
    assert np.abs(brightness(source) - RAMP.ravel()).max() < 0.004
    assert source.notes == (note,)


@pytest.mark.parametrize("kind", ["uint8", "int64", "bool"])
def test_arrays_of_masks_are_black_and_white(kind):
    source = build("arrays", (RAMP > 0.5).astype(kind), held_out=0)
    assert np.array_equal(brightness(source), np.sort((RAMP > 0.5).ravel()))
    told = () if kind == "bool" else (f"the greatest value is 1, in {kind}: taken as black and white",)
    assert source.notes == told


@pytest.mark.parametrize("x", [RAMP / 100, np.rint(RAMP * 20).astype(np.uint8)])
def test_dark_arrays_are_told(x):
    (note,) = build("arrays", x).notes
    assert note.startswith(f"the greatest value is {x.max():g} of {1 if x.dtype == float else 255}: networks see")


def test_idx_masks_are_black_and_white(tmp_path):
    source = build("idx", str(save_idx(tmp_path / "m-images-idx3-ubyte", (RAMP > 0.5).astype(np.uint8))), held_out=0)
    assert set(brightness(source).tolist()) == {0.0, 1.0}
    assert "taken as black and white" in source.notes[1]


@pytest.mark.parametrize(
    ("x", "advice"),
    [
        (RAMP * 2 - 1, "(x.astype(float) + 1) / 2"),
        ((RAMP * 2 - 1).astype(np.float16), "(x.astype(float) + 1) / 2"),
        (RAMP * 255.0, "x.astype(float) / 255"),
        (RAMP * 4095.0, "x.astype(float) / 4095"),
        ((RAMP * 254 - 127).astype(np.int8), "(x.astype(float) - -127.0) / 254.0"),
        (RAMP * 1.5, "(x.astype(float) - 0.0) / 1.5"),
        ((RAMP * 1e9).astype(np.int64), "(x.astype(float) - 0.0) / 1000000000.0"),
        (RAMP * 7.3 - 2.9, None),
    ],
)
def test_advice_followed_to_the_letter_keeps_the_picture(x, advice):
    with pytest.raises(BadData, match="the arrays: wanted images of whole numbers from 0 to 65535 or of floats") as met:
        build("arrays", x)
    said = str(met.value).partition("; save ")[2]
    assert advice in (said, None)
    source = build("arrays", eval(said), held_out=0)
    assert np.abs(brightness(source) - RAMP.ravel()).max() < 0.005
