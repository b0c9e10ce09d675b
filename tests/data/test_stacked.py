"""Pictures whose channels are pictures."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits

from saddlepoint import data
from saddlepoint.data._example import pictures
from saddlepoint.data.stacked import example
from saddlepoint.errors import BadData


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """scikit-learn's digits 0 and 1 as pictures, a folder for each."""
    folder, known = tmp_path_factory.mktemp("digits"), load_digits(n_class=2)
    for number, (image, label) in enumerate(zip(known.images, known.target, strict=True)):
        (folder / str(label)).mkdir(exist_ok=True)
        Image.fromarray((image * 15).astype(np.uint8)).save(folder / str(label) / f"{number}.png")
    return folder


def test_each_channel_is_one_of_the_pictures(tmp_path):
    folder = example(tmp_path)
    source, inner = data.build("stacked", str(folder)), data.build("images", str(folder))
    known, held = inner.real(inner.size).x, inner.held_out().x
    assert source.spec.shape == (3, *inner.spec.shape[1:])
    assert source.channels.digest == inner.digest
    for x, whole in ((source.real(20).x, known), (source.held_out().x[:20], held)):
        assert all(any(torch.equal(channel, one[0]) for one in whole) for channel in x.flatten(0, 1))
    assert len({tuple(map(float, sample.flatten(1).mean(1))) for sample in source.real(50).x}) > 40


def test_pictures_that_are_not_grey_or_have_no_classes_are_refused(tmp_path):
    colour = pictures(tmp_path / "colour", [f"{kind}/{i}.png" for kind in "ab" for i in range(3)])
    with pytest.raises(BadData, match=r"stacked wants grey pictures of two classes at least, .* got 3 x 6 x 8 of 2"):
        data.build("stacked", str(colour))
    plain = pictures(tmp_path / "plain", [f"{i}.png" for i in range(3)], mode="L")
    with pytest.raises(BadData, match="got 1 x 6 x 8 of no classes"):
        data.build("stacked", str(plain))


def test_a_run_on_them_is_judged_by_the_combinations_it_makes(saddle, tmp_path, digits, monkeypatch):
    monkeypatch.setattr("saddlepoint.judging.evidence._STACKED", 400)
    small = ["--network.width", 8, "--run.threads", 1, "--batch", 16, "--watch.share", 0, "--run.picture_every", 1000]
    run = tmp_path / "run"
    status, _, err = saddle("train", digits, "--data", "stacked", *small, "--steps", 2, "--run.judge", 0, "--out", run)
    assert status == 0, err
    status, _, err = saddle("judge", run, "--metrics", "combinations")
    assert status == 0, err
    scores = {one["metric"]: one for one in map(json.loads, (run / "scores.jsonl").read_text().splitlines())}
    assert scores["combinations.found"]["floor"] == 8
    assert scores["combinations.divergence"]["floor"] < 0.05
    assert 1 <= scores["combinations.found"]["value"] <= 8
    assert scores["combinations.divergence"]["value"] > 0.1, "two steps make no digits"
