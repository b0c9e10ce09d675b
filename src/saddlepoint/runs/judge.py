"""The first judgement of a trained model, as records that say what they were measured with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from saddlepoint.game import Samples
from saddlepoint.metrics.classifier import Classifier
from saddlepoint.metrics.modes import modes
from saddlepoint.runs.model import Model
from saddlepoint.source import Source

Record = dict[str, Any]
_SAMPLES, _MOST_REAL = 10_000, 60_000


def judged(model: Model, source: Source, *, seed: int) -> Iterator[Record]:
    """Scores of `model`: against the known modes of a toy, and by classifiers where the data is labelled."""
    if source.modes:
        yield from _against_modes(model, source, seed)
    if isinstance(model.game, Samples) and model.game.classes > 1 and source.held_out() is not None:
        yield from _by_classifiers(model, source, seed)


def _against_modes(model: Model, source: Source, seed: int) -> Iterator[Record]:
    means, std = source.modes or (None, 0.0)
    assert means is not None
    real = modes(means.numpy(), std, source.real(_SAMPLES, seed=seed).x.numpy())
    found = modes(means.numpy(), std, model.sample(_SAMPLES, seed=seed).numpy())
    told = {"step": model.step, "samples": _SAMPLES, "seed": seed}
    yield {"metric": "modes_covered", "value": found.covered, "real": real.covered, "of": found.of, **told}
    yield {"metric": "modes_fairly_covered", "value": found.fair, "real": real.fair, "of": found.of, **told}
    yield {"metric": "high_quality_share", "value": found.quality, "real": real.quality, **told}
    yield {"metric": "spread_over_true", "value": found.spread, "real": real.spread, **told}
    yield {"metric": "mode_divergence", "value": found.divergence, "real": real.divergence, **told}


def _by_classifiers(model: Model, source: Source, seed: int) -> Iterator[Record]:
    real, held = source.real(min(source.size or _SAMPLES, _MOST_REAL), seed=seed), source.held_out()
    assert real.y is not None
    assert held is not None
    assert held.y is not None
    classes = len(source.spec.classes)
    reader = Classifier(real.x.numpy(), real.y.numpy(), classes, seed=seed)
    on_real = reader.accuracy(held.x.numpy(), held.y.numpy())
    told = {"step": model.step, "seed": seed, "held_out": len(held.x), "real_samples": len(real.x)}
    asked = torch.arange(_SAMPLES) % classes
    accuracy = reader.accuracy(model.sample(_SAMPLES, asked, seed=seed).numpy(), asked.numpy())
    yield {"metric": "class_accuracy", "value": accuracy, "real": on_real, "samples": _SAMPLES, **told}
    count = len(real.x)
    fake = model.sample(count, real.y, seed=seed)
    learned = Classifier(fake.numpy(), real.y.numpy(), classes, seed=seed).accuracy(held.x.numpy(), held.y.numpy())
    yield {"metric": "train_on_synthetic", "value": learned, "real": on_real, "samples": count, **told}
