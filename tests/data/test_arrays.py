"""Arrays that NumPy saved."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlepoint.data import build
from saddlepoint.errors import BadData, BadOption, SaddlepointError

SOURCE = np.random.default_rng(0)
BYTES = SOURCE.integers(0, 256, (20, 5, 7), dtype=np.uint8)
COLOUR = SOURCE.integers(0, 256, (20, 5, 7, 3), dtype=np.uint8)
VECTORS = SOURCE.normal([3, -100], [0.1, 40], (200, 2))


@pytest.fixture
def load(tmp_path):
    """Saves arrays and loads them as a source."""

    def saved(x, y=None, *, name="a", options=None, **more):
        file = tmp_path / (f"{name}.npy" if y is None and not more else f"{name}.npz")
        if file.suffix == ".npy":
            np.save(file, x)
        else:
            np.savez(file, **({"x": x} if x is not None else {}), **({} if y is None else {"y": y}), **more)
        return build("arrays", str(file), **(options or {}))

    return saved


@pytest.mark.parametrize(
    ("x", "options", "shape"),
    [
        (BYTES, {}, (1, 5, 7)),
        (COLOUR, {}, (3, 5, 7)),
        (COLOUR.transpose(0, 3, 1, 2), {}, (3, 5, 7)),
        (COLOUR[:, :3], {"layout": "NHWC"}, (3, 3, 7)),
        (COLOUR[:, :3], {"layout": "NCHW"}, (3, 7, 3)),
        (np.repeat(COLOUR, 2, axis=3), {"layout": "NHWC"}, (6, 5, 7)),
        (BYTES > 100, {}, (1, 5, 7)),
    ],
)
def test_images_of_bytes_keep_their_pixels(load, x, options, shape):
    source = load(x, options={**options, "held_out": 0.0})
    assert source.spec.shape == shape
    assert source.spec.bounds == (-1, 1)
    pixels = (source.real(20).x * 255).round().flatten()
    assert np.array_equal(np.sort(pixels), np.sort(np.ravel(x * np.uint8(255) if x.dtype == bool else x)))


def test_images_of_floats_lie_in_0_to_1(load):
    source = load(COLOUR / 255.0, options={"held_out": 0.0})
    assert source.spec.shape == (3, 5, 7)
    assert np.allclose(np.sort(source.real(20).x.flatten() * 255), np.sort(COLOUR.flatten()), atol=1e-3)
    assert source.batches(20)(0)["x"].min() == pytest.approx(-1)


def test_vectors_are_standardised_by_the_training_part(load):
    source = load(VECTORS)
    seen = source.batches(len(source))(0)["x"]
    assert torch.allclose(seen.mean(0), torch.zeros(2), atol=1e-5)
    assert torch.allclose(seen.std(0, correction=0), torch.ones(2), atol=1e-4)
    assert [column.name for column in source.units.columns] == ["c0", "c1"]
    own = np.concatenate([source.real(200).x, source.held_out().x])
    assert np.allclose(own[own[:, 0].argsort()], VECTORS[VECTORS[:, 0].argsort()], rtol=1e-5)


def test_a_list_of_numbers_is_a_column(load):
    assert load(VECTORS[:, 0]).spec.shape == (1,)


def test_a_constant_column_keeps_its_scale(load):
    source = load(np.stack([np.full(50, 0.1), np.arange(50)], 1))
    assert source.units.columns[0].std == 1
    assert torch.equal(source.real(10).x[:, 0], torch.full((10,), 0.1, dtype=torch.float64))
    assert (source.batches(4)(0)["x"][:, 0] == 0).all()


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (np.arange(20) % 3, ("0", "1", "2")),
        (np.arange(20) % 2 * 90 + 10, ("10", "100")),
        (np.arange(20) % 2 - 1, ("-1", "0")),
        (np.array(["cat", "dog"] * 10), ("cat", "dog")),
        (np.arange(20) % 2 == 0, ("False", "True")),
    ],
)
def test_labels_name_the_classes(load, y, classes):
    source = load(BYTES, y, options={"held_out": 0.0})
    assert source.spec.classes == classes
    first = source.real(20)
    index = [int((np.asarray((x[0] * 255).round().byte()) == BYTES).all((1, 2)).argmax()) for x in first.x]
    assert [classes[label] for label in first.y] == [str(y[i]) for i in index]


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_arrays_in_memory_are_read_as_those_in_a_file(load, kind):
    y = np.arange(20) % 3
    saved = load(BYTES, y)
    assert build("arrays", kind(BYTES), y=kind(y)).digest == saved.digest
    assert build("arrays", {"x": kind(BYTES), "y": kind(y)}).digest == saved.digest
    assert build("arrays", kind(BYTES)).digest == load(BYTES).digest
    assert build("arrays", kind(VECTORS), held_out=0.5).digest == load(VECTORS, options={"held_out": 0.5}).digest


def test_labels_in_memory_may_be_those_of_a_file(load, tmp_path):
    saved = load(BYTES, np.arange(20) % 3)
    np.save(tmp_path / "x.npy", BYTES)
    assert build("arrays", tmp_path / "x.npy", y=np.arange(20) % 3).digest == saved.digest


def test_arrays_in_memory_are_copied_and_need_no_gradient():
    x = torch.rand(20, 3, 6, 6, dtype=torch.bfloat16).requires_grad_()
    source = build("arrays", x)
    before = source.real(5).x
    with torch.no_grad():
        x.zero_()
    assert torch.equal(source.real(5).x, before)


def test_labels_may_be_a_column_or_objects_that_are_texts():
    y = np.arange(20) % 2
    assert build("arrays", BYTES, y=y[:, None]).digest == build("arrays", BYTES, y=y).digest
    names = np.array(["cat", "dog"])[y]
    assert build("arrays", BYTES, y=names.astype(object)).digest == build("arrays", BYTES, y=names).digest


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (BYTES[:0], "y", "the arrays: is empty"),
        (3, "y", r"the arrays: wanted 1 to 4 dimensions, .* got \(\)"),
        (np.array([None, {}]), "y", "the arrays: wanted numbers, got object"),
        (np.array([1.0, np.nan]), "y", "the arrays: wanted finite numbers, got nan"),
        (BYTES, np.arange(19), "the arrays: wanted 20 labels, one for each sample, got shape"),
        (BYTES, np.ones(20), "the arrays: wanted labels that are whole numbers or texts, got float64"),
        (BYTES, np.array(["a\x1b", "b"] * 10), "the arrays: the class 'a.x1b' has characters that cannot be shown"),
        (BYTES, np.array(["a\tb", "b"] * 10), "the class 'a.tb' has characters that cannot be shown"),
        (BYTES, np.array(["a\u202eb", "b"] * 10), "the class 'a.u202eb' has characters that cannot be shown"),
        ({"y": BYTES}, "y", "the arrays: array 'x' is not known; there are: y"),
        ({"x": BYTES}, "labels", "the arrays: array 'labels' is not known"),
        (BYTES, [1, 2], r"the arrays: wanted 20 labels, one for each sample, got shape \(2,\)"),
        (BYTES, [[1], [1, 2]], "the arrays: wanted rows of one shape"),
        ([[1.0, 2.0], [3.0]], "y", "the arrays: wanted rows of one shape"),
        (BYTES, None, "data.y: wanted a text or an array, got None"),
    ],
)
def test_arrays_in_memory_that_cannot_be_trained_on_are_refused(x, y, words):
    with pytest.raises(ValueError, match=words) as met:
        build("arrays", x, y=y)
    assert isinstance(met.value, SaddlepointError)


def test_lists_are_arrays():
    y = np.arange(20) % 3
    for kind in (list, tuple):
        assert build("arrays", BYTES.tolist(), y=kind(y)).digest == build("arrays", BYTES, y=y).digest
    names = np.array(["cat", "dog"])[y % 2]
    assert build("arrays", BYTES, y=names.tolist()).digest == build("arrays", BYTES, y=names).digest


@pytest.mark.parametrize(
    ("parts", "options", "words"),
    [
        ((), {"x": BYTES}, r"data.x: wanted a text, got an array \(20, 5, 7\); arrays go first, before the options"),
        ((), {"x": torch.zeros(3, 2), "y": [1, 2, 3]}, r"data.x: .* got an array \(3, 2\); arrays go first"),
        ((BYTES,), {"x": BYTES}, "data.x: .* arrays go first, before the options, which are names and labels"),
        ((BYTES, [1]), {}, "data 'arrays' wanted path before its options, got ndarray, list; options go .* y="),
        ((), {"y": [1]}, "data 'arrays' wanted path before its options, got none"),
    ],
)
def test_arrays_go_first_and_labels_by_name(parts, options, words):
    with pytest.raises(BadOption, match=words) as refusal:
        build("arrays", *parts, **options)
    assert "\n" not in str(refusal.value)


def test_other_names_in_an_archive(load):
    source = load(None, images=BYTES, kinds=np.arange(20) % 2, options={"x": "images", "y": "kinds"})
    assert source.spec.classes == ("0", "1")
    assert load(BYTES, other=BYTES).spec.classes == ()


@pytest.mark.parametrize(
    ("arrays", "options", "words"),
    [
        ({"x": np.array(["a", {}], object)}, {}, "holds Python objects, which are never loaded"),
        ({"images": BYTES}, {}, r"array 'x' is not known; there are: images \(--data.x NAME\)"),
        ({"x": BYTES, "lables": BYTES}, {"y": "labels"}, r"array 'labels' is not known; did you mean 'lables'\?"),
        ({"x": BYTES, "y": np.arange(19)}, {}, r"wanted 20 labels, one for each sample, got shape \(19,\)"),
        ({"x": BYTES, "y": np.ones(20)}, {}, "wanted labels that are whole numbers or texts, got float64"),
        ({"x": BYTES.astype(int) - 1}, {}, "whole numbers from 0 to 65535 or of floats from 0 to 1, got int64 from -1"),
        ({"x": BYTES.astype(int) * 1000}, {}, "floats from 0 to 1, got int64 from 0 to 255000; save"),
        ({"x": BYTES * 1.0}, {}, r"got float64 from 0.0 to 255.0; save x.astype\(float\) / 255"),
        ({"x": COLOUR[:, :3]}, {}, r"cannot tell where the channels are in \(20, 3, 7, 3\); give --data.layout"),
        ({"x": COLOUR[..., :2]}, {}, "cannot tell where the channels are"),
        ({"x": BYTES[:0]}, {}, "is empty"),
        ({"x": np.float32(3)}, {}, r"wanted 1 to 4 dimensions, such as \(N, D\) or \(N, H, W, C\), got \(\)"),
        ({"x": VECTORS + 1j}, {}, "wanted numbers, got complex128"),
        ({"x": np.array(["a", "b"])}, {}, "wanted numbers, got <U1"),
    ],
)
def test_arrays_that_cannot_be_trained_on_are_refused(tmp_path, arrays, options, words):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(BadData, match=words) as met:
        build("arrays", str(tmp_path / "a.npz"), **options)
    assert "a.npz" in str(met.value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_values_that_are_not_finite_are_placed(load, value):
    x = VECTORS.copy()
    x[7, 1] = value
    with pytest.raises(BadData, match=r"a.npy: wanted finite numbers, got .* at x\[7, 1\]; replace it"):
        load(x)


def test_pickles_are_never_opened(load, tmp_path):
    with pytest.raises(BadData, match="or holds Python objects, which are never loaded"):
        load(np.array([{}], object))
    (tmp_path / "b.npy").write_bytes(b"cos\nsystem\n(S'touch gone'\ntR.")
    with pytest.raises(BadData, match=r"b.npy: is no file of NumPy's or holds Python objects"):
        build("arrays", str(tmp_path / "b.npy"))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), packed=st.booleans())
def test_damaged_files_are_refused_or_read(tmp_path_factory, data, packed):
    file = tmp_path_factory.mktemp("damaged") / ("a.npz" if packed else "a.npy")
    np.savez(file, x=BYTES[:3]) if packed else np.save(file, BYTES[:3])
    raw = bytearray(file.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    if data.draw(st.booleans()):
        del raw[place:]
    else:
        raw[place] ^= data.draw(st.integers(1, 255))
    file.write_bytes(raw)
    said = str(file)
    try:
        build("arrays", str(file))
    except BadData as error:
        said = str(error)
    assert str(file) in said
    assert "\n" not in said
