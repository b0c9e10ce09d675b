import numpy as np
import pytest

from saddlepoint.errors import Unfit
from saddlepoint.metrics.memorisation import memorisation

RNG = np.random.default_rng(0)
TRAINING, HELD_OUT, FRESH = (RNG.normal(size=(n, 10)) for n in (2000, 500, 800))


def test_fresh_samples_are_as_far_as_held_out_ones():
    found = memorisation(TRAINING, FRESH, HELD_OUT)
    assert found.ratio == pytest.approx(1, abs=0.05)
    assert found.nearer == pytest.approx(0.5, abs=0.05)
    assert found.copies == pytest.approx(0.01, abs=0.02)
    assert found.ratio.low < 1 < found.ratio.high
    assert found.nearer.low < 0.5 < found.nearer.high


def test_copies_are_seen_also_when_blurred_or_few():
    exact = memorisation(TRAINING, TRAINING[:300], HELD_OUT)
    assert exact == (0, 1, 1)
    blurred = memorisation(TRAINING, TRAINING[:300] + 0.01, HELD_OUT)
    assert blurred.ratio < 0.05
    assert blurred.nearer > 0.99
    assert blurred.copies > 0.99
    few = memorisation(TRAINING, np.concatenate([TRAINING[:80], FRESH]), HELD_OUT)
    assert few.copies == pytest.approx(0.1, abs=0.02)
    assert few.copies.low > 0.02
    hidden = memorisation(TRAINING, np.concatenate([TRAINING[:80], FRESH + 5]), HELD_OUT)
    assert hidden.ratio > 1
    assert hidden.copies > 0.08


def test_poor_samples_are_no_copies():
    found = memorisation(TRAINING, 3 * FRESH, HELD_OUT)
    assert found.ratio.low > 1.5
    assert found.nearer.high < 0.1
    assert found.copies == 0


def test_the_chance_of_being_nearer_counts_ties_by_half():
    line = np.arange(30.0)[:, None] * 100
    found = memorisation(line, line + 3, line - 3)
    assert found.nearer == 0.5
    assert found.ratio == 1


def test_its_errors_are_those_of_drawing_again():
    rng = np.random.default_rng(1)
    found = [memorisation(TRAINING[:500], rng.normal(size=(300, 10)), rng.normal(size=(200, 10))) for _ in range(60)]
    for name in ("ratio", "nearer"):
        one = [getattr(each, name) for each in found]
        assert np.mean([(e.high - e.low) / 3.92 for e in one]) == pytest.approx(np.std(one), rel=0.3)


def test_held_out_samples_that_were_trained_on_are_refused():
    with pytest.raises(Unfit, match="not in the training set, got 50% that are; drop duplicates"):
        memorisation(TRAINING, FRESH, np.concatenate([TRAINING[:100], HELD_OUT[:100]]))
    with pytest.raises(Unfit, match="at least 10 samples on each side, got 9 held_out"):
        memorisation(TRAINING, FRESH, HELD_OUT[:9])
    some = memorisation(TRAINING, FRESH, np.concatenate([TRAINING[:2], HELD_OUT[:10]]))
    assert np.isfinite([*some, some.ratio.high]).all()
