"""The first judgement of a trained model, as records that say what they were measured with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from saddlepoint.conditional import Density
from saddlepoint.features.classifier import classifier
from saddlepoint.game import Codes, Samples, Scores
from saddlepoint.metrics import codes
from saddlepoint.metrics.classifier import Classifier
from saddlepoint.metrics.modes import log_density, modes, nearest_mode
from saddlepoint.metrics.sharpness import sharpness
from saddlepoint.runs.model import Model
from saddlepoint.seeds import seed_of
from saddlepoint.source import Labelled, Modes, Source
from saddlepoint.theory.likelihood import bits_per_dimension

Record = dict[str, Any]
_SAMPLES, _MOST_REAL, _SCORED = 10_000, 60_000, 1000


def judged(model: Model, source: Source, *, seed: int) -> Iterator[Record]:
    """Scores of `model`, each beside what real data gets (`real`).

    Against the known modes of a toy; by classifiers where the data is labelled, some of it is held out, and the model
    can be asked for a class or has a code of its own; by likelihood where it knows one; by sharpness for images.
    """
    game, held = model.game, source.held_out()
    reader = cache(lambda: classifier(source).network)
    if source.modes:
        yield from _against_modes(model, source, source.modes, seed)
    if held is not None and len(source.spec.classes) > 1:
        if isinstance(game, Samples) and game.classes > 1:
            yield from _by_classifiers(model, source, held, reader(), seed)
        elif isinstance(game, Codes) and game.codes:
            yield from _codes(model, reader().predict, seed)
    if held is not None and isinstance(game, Scores):
        yield from _by_likelihood(model, source, held, reader, seed)
    if source.spec.is_image and isinstance(game, Samples):
        yield _by_sharpness(model, source, seed)


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
    if isinstance(model.game, Codes) and model.game.codes:
        yield from _codes(model, lambda x: nearest_mode(means, x), seed)


def _by_classifiers(model: Model, source: Source, held: Labelled, reader: Classifier, seed: int) -> Iterator[Record]:
    real = _real(source, seed)
    labels, classes, count = _array(real.y), len(source.spec.classes), len(real.x)
    held_x, held_y = _array(held.x), _array(held.y)
    on_real = reader.accuracy(held_x, held_y)
    told = {"real": on_real, "step": model.step, "seed": seed, "held_out": len(held_x), "real_samples": count}
    asked = torch.arange(_SAMPLES) % classes
    accuracy = reader.accuracy(_array(model.sample(_SAMPLES, asked, seed=seed)), _array(asked))
    yield {"metric": "class_accuracy", "value": accuracy, "samples": _SAMPLES, **told}
    learner = Classifier.fit(_array(model.sample(count, real.y, seed=seed)), labels, classes, seed=seed)
    yield {"metric": "train_on_synthetic", "value": learner.accuracy(held_x, held_y), "samples": count, **told}


def _codes(model: Model, group_of: Callable[[NDArray[Any]], NDArray[Any]], seed: int) -> Iterator[Record]:
    """How well the model's own code stands for groups: the modes of a toy, or the classes a classifier reads."""
    game = model.game
    assert isinstance(game, Codes)
    drawn = torch.arange(_SAMPLES, device=game.device) % game.codes
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed_of(seed, "codes"))
        z = game.coded(game.latents(_SAMPLES), drawn)
    group = group_of(_array(model.decode(z)))
    told = {"step": model.step, "samples": _SAMPLES, "seed": seed}
    yield {"metric": "code_purity", "value": codes.purity(group, _array(drawn)), "real": None, **told}
    yield {"metric": "code_agreement", "value": codes.agreement(group, _array(drawn)), "real": None, **told}


def _by_likelihood(
    model: Model, source: Source, held: Labelled, reader: Callable[[], Classifier], seed: int
) -> Iterator[Record]:
    """Nats a sample, and for images bits a number of 8-bit data; the truth beside it where it is known.

    With a density for each class also how often the likeliest class is right, beside the classifier on the same.
    """
    order = torch.randperm(len(held.x), generator=torch.Generator().manual_seed(seed_of(seed, "scored")))[:_SCORED]
    x, by_class = held.x[order], isinstance(model.game, Density) and model.game.classes > 1
    with torch.random.fork_rng():
        torch.manual_seed(seed_of(seed, "score"))
        scores = model.joint(x) if by_class else model.score(x)[:, None]
    value = float(scores.double().logsumexp(1).mean())
    known = source.modes and float(log_density(_array(source.modes.means), source.modes.std, _array(x)).mean())
    told = {"step": model.step, "held_out": len(x), "seed": seed}
    yield {"metric": "log_likelihood", "value": value, "real": known, **told}
    if source.spec.is_image:
        bits = bits_per_dimension(-value, source.spec.size, levels=256)
        yield {"metric": "bits_per_dimension", "value": bits, "real": None, **told}
    if by_class:
        y = _array(held.y)[order.numpy()]
        right = float((_array(scores).argmax(1) == y).mean())
        yield {"metric": "bayes_accuracy", "value": right, "real": reader().accuracy(_array(x), y), **told}


def _by_sharpness(model: Model, source: Source, seed: int) -> Record:
    real = source.real(min(source.size or _SCORED, _SCORED), seed=seed).x
    value, beside = sharpness(_array(model.sample(_SCORED, seed=seed))), sharpness(_array(real))
    return {"metric": "sharpness", "value": value, "real": beside, "step": model.step, "samples": _SCORED, "seed": seed}


def _real(source: Source, seed: int) -> Labelled:
    return source.real(min(source.size or _SAMPLES, _MOST_REAL), seed=seed)


def _array(tensor: Tensor | None) -> NDArray[Any]:
    """A tensor that must be there, from whichever device, as metrics take it."""
    assert tensor is not None
    array: NDArray[Any] = tensor.cpu().numpy()
    return array
