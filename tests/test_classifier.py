"""The judging classifier on data whose answer is known."""

import numpy as np
import torch

from saddlepoint.classifier import Classifier


def stripes(count, seed):
    """Images with a bright row at the height that is their class, and vectors likewise."""
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=count)
    x = 0.3 * rng.normal(size=(count, 1, 6, 5))
    x[np.arange(count), 0, 2 * y] += 1
    return x.astype(np.float32), y


def test_large_images_are_read_at_a_bounded_cost():
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=200)
    x = (0.3 * rng.normal(size=(200, 1, 70, 41)) + y[:, None, None, None] * np.eye(70, 41)).astype(np.float32)
    reader = Classifier.fit(x, y, 2, steps=120)
    assert reader.accuracy(x, y) > 0.95


def test_it_learns_images_and_vectors_and_leaves_the_random_state_alone():
    state = torch.get_rng_state()
    for flat in (False, True):
        (x, y), (held, labels) = stripes(300, 0), stripes(300, 1)
        if flat:
            x, held = x.reshape(300, -1), held.reshape(300, -1)
        reader = Classifier.fit(x, y, 3, steps=150)
        assert reader.accuracy(held, labels) > 0.97
        assert reader.accuracy(held, (labels + 1) % 3) < 0.03
        assert np.array_equal(reader.predict(held), Classifier.fit(x, y, 3, steps=150).predict(held)), (
            "a function of the seed"
        )
    assert torch.equal(state, torch.get_rng_state())
