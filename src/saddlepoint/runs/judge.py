"""The first judgement of a trained model, as records that say what they were measured with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from saddlepoint.game import Samples
from saddlepoint.metrics.classifier import Classifier
from saddlepoint.metrics.modes import modes
from saddlepoint.runs.model import Model
from saddlepoint.source import Labelled, Modes, Source

Record = dict[str, Any]
_SAMPLES, _MOST_REAL = 10_000, 60_000


def judged(model: Model, source: Source, *, seed: int) -> Iterator[Record]:
    """Scores of `model`, each beside what real data gets (`real`).

    Against the known modes of a toy, and by classifiers where the data is labelled, some of it is held out, and the
    model can be asked for a class.
    """
    if source.modes:
        yield from _against_modes(model, source, source.modes, seed)
    held = source.held_out()
    if isinstance(model.game, Samples) and model.game.classes > 1 and held is not None:
        yield from _by_classifiers(model, source, held, seed)


def _against_modes(model: Model, source: Source, truth: Modes, seed: int) -> Iterator[Record]:
    means = _array(truth.means)
    real = modes(means, truth.std, _array(source.real(_SAMPLES, seed=seed).x))
    found = modes(means, truth.std, _array(model.sample(_SAMPLES, seed=seed)))
    told = {"step": model.step, "samples": _SAMPLES, "seed": seed}
    yield {"metric": "modes_covered", "value": found.covered, "real": real.covered, "of": found.of, **told}
    yield {"metric": "modes_fairly_covered", "value": found.fair, "real": real.fair, "of": found.of, **told}
    yield {"metric": "high_quality_share", "value": found.quality, "real": real.quality, **told}
    yield {"metric": "spread_over_true", "value": found.spread, "real": real.spread, **told}
    yield {"metric": "mode_divergence", "value": found.divergence, "real": real.divergence, **told}


def _by_classifiers(model: Model, source: Source, held: Labelled, seed: int) -> Iterator[Record]:
    real = source.real(min(source.size or _SAMPLES, _MOST_REAL), seed=seed)
    labels, classes, count = _array(real.y), len(source.spec.classes), len(real.x)
    held_x, held_y = _array(held.x), _array(held.y)
    reader = Classifier(_array(real.x), labels, classes, seed=seed)
    on_real = reader.accuracy(held_x, held_y)
    told = {"real": on_real, "step": model.step, "seed": seed, "held_out": len(held_x), "real_samples": count}
    asked = torch.arange(_SAMPLES) % classes
    accuracy = reader.accuracy(_array(model.sample(_SAMPLES, asked, seed=seed)), _array(asked))
    yield {"metric": "class_accuracy", "value": accuracy, "samples": _SAMPLES, **told}
    learner = Classifier(_array(model.sample(count, real.y, seed=seed)), labels, classes, seed=seed)
    yield {"metric": "train_on_synthetic", "value": learner.accuracy(held_x, held_y), "samples": count, **told}


def _array(tensor: Tensor | None) -> NDArray[Any]:
    """A tensor that must be there, from whichever device, as metrics take it."""
    assert tensor is not None
    array: NDArray[Any] = tensor.cpu().numpy()
    return array
