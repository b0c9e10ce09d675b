"""What real data gets stands beside a score: it must be other real data than the score is told of."""

from __future__ import annotations

import pytest

from saddlepoint.asking import questions, to_judge
from saddlepoint.data import build
from saddlepoint.games.cyclegan import CycleGAN
from saddlepoint.judging.evidence import Evidence, RealEvidence
from saddlepoint.judging.records import judged, suitable
from saddlepoint.judging.reference import Reference
from saddlepoint.source import Labelled
from tests.data.conftest import save_images


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("to", [0, 1])
def test_the_floor_of_a_translation_is_of_other_pictures_of_that_side(tmp_path, known, to):
    for seed, side in enumerate(("trainA", "trainB", "testA", "testB")):
        save_images(tmp_path, [f"{side}/{i}.png" for i in range(12)], seed=seed)
    source = build("images", str(tmp_path))
    reference = Reference(source, suitable(source))
    game = CycleGAN.__new__(CycleGAN)
    asked = to_judge(game, source, reference.asked, 6, to=to) if known else questions(game, reference.asked, to=to)
    assert (asked.truth is not None) == known
    real = RealEvidence(Evidence(reference, Labelled(asked.x, None, asked.labels), asked)).samples
    beside = {picture.numpy().tobytes() for picture in asked.beside}
    assert (real.y == to).all()
    assert len(real.x) > 1
    assert not any(picture.numpy().tobytes() in beside for picture in real.x)


def test_how_far_learning_from_samples_is_is_told():
    source = build("digits")
    evidence, told = Evidence(Reference(source, suitable(source)), source.real(200)), []
    (score,) = judged(evidence, ["train_on_synthetic"], told.append)
    assert score["value"] > 0.5
    learning = [line for line in told if line.startswith("judging: training a classifier on samples alone: ")]
    assert len(learning) > 100
    assert learning[-1].endswith("100%, 0 s left")
