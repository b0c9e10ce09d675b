"""The judging classifier as features: trained once for each reference, then found again."""

import numpy as np
import pytest
import torch

from saddlepoint import data, features
from saddlepoint.source import Stored
from saddlepoint.spec import Spec


@pytest.fixture
def reference(monkeypatch, tmp_path):
    monkeypatch.setenv("SADDLEPOINT_CACHE", str(tmp_path / "cache"))
    torch.manual_seed(0)
    y = torch.arange(60) % 3
    x = torch.randn(60, 4) * 0.3 + torch.eye(4)[y] * 2
    return Stored(Spec((4,), ("a", "b", "c"), (1 / 3,) * 3), x, y)


def test_it_is_trained_once_for_each_reference_and_found_again(reference, tmp_path, monkeypatch):
    made = features.build("classifier", reference)
    (file,) = (tmp_path / "cache").iterdir()
    monkeypatch.setattr("saddlepoint.classifier.Classifier.fit", None)
    found = features.build("classifier", reference)
    x = reference.real(60).x.numpy()
    assert found.digest == made.digest
    assert np.array_equal(found(x), made(x))
    assert found(x).shape == (60, 256)
    assert found.probabilities(x).sum(1) == pytest.approx(1)
    monkeypatch.undo()
    monkeypatch.setenv("SADDLEPOINT_CACHE", str(tmp_path / "cache"))
    for damage in (b"", file.read_bytes()[:-200], b"PK nothing"):
        file.write_bytes(damage)
        assert features.build("classifier", reference).digest == made.digest, "made again"
    other = Stored(reference.spec, reference._x + 1, reference._y)
    assert features.build("classifier", other).digest != made.digest
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_cache_that_cannot_be_written_costs_no_more_than_time(reference, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SADDLEPOINT_CACHE", str(tmp_path / "file"))
    assert features.build("classifier", reference).digest


def test_a_reference_without_labels_is_refused():
    with pytest.raises(ValueError, match="want a reference with labels of at least two classes"):
        features.build("classifier", data.build("checkerboard"))


def test_values_are_the_samples_themselves(reference):
    x = np.arange(24.0).reshape(2, 3, 4)
    assert np.array_equal(features.build("values", reference)(x), x.reshape(2, 12))
