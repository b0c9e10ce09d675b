"""A look at a model in training: what some hundred samples of it show that a step's losses do not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from saddlepoint.asking import Questions, answerable, answers, questions
from saddlepoint.errors import BadData, Unfit
from saddlepoint.extractor import Array, Extractor
from saddlepoint.features.values import values
from saddlepoint.game import Discerns, Translates, asks
from saddlepoint.judging.evidence import Evidence
from saddlepoint.judging.records import score_of, suitable, wants_truth
from saddlepoint.judging.reference import Reference
from saddlepoint.metric import Estimate
from saddlepoint.metrics._neighbours import nearest
from saddlepoint.metrics.density_coverage import density_coverage
from saddlepoint.saved.model import Model
from saddlepoint.source import Labelled, Source
from saddlepoint.training.signals import told_apart

# Training samples that copies are looked for among, and neighbours that vote on a label.
_KNOWN, _VOTERS = 5000, 10
# A fiftieth of the range of images: noise that hardly shows.
_FAINT = 0.02


class Look:
    """Looks at the models of one run, each time by the same latents and the same `samples` real samples.

    `score` is a metric of one value, of which lower is better. Samples are made and discerned `part` at a time, so
    that a look needs no more memory than a step. Data that cannot be looked at is let alone: looking never ends a run.
    """

    def __init__(self, source: Source, score: str, samples: int, seed: int, *, part: int = 512) -> None:
        self.source, self.score, self.samples, self.seed, self.part = source, score, samples, seed, part
        self._blind = False

    def __call__(self, model: Model) -> dict[str, float]:
        """What is seen, by name; what cannot be had is left out, and what is not finite is NaN.

        `score`, its interval's lower end `score_low` and its `floor`, what real samples get. Three that are about 1 for
        real samples: `variety`, the standard deviation; `coverage`, the share of real neighbourhoods with a sample in
        them; `dimension`, the intrinsic one. `copies`, the share of samples three times as near to one training sample
        as to any other, beyond what it is for real ones. `told_apart`, how often a training sample scores above a fake
        one, and `told_known`, above one that was held out: about 1/2 unless the discriminator learns by heart.
        """
        if self._blind or not answerable(model.game):
            return {}
        asked = self._questions(model)
        made = answers(model, asked, seed=self.seed, part=self.part)
        try:
            # A discriminator may be told labels that the generator takes no notice of.
            y = asked.labels if asked.y is None else asked.y
            evidence = Evidence(self._reference, Labelled(made, y, asked.labels), asked)
        except BadData:
            return {"score": nan}
        return dict(self._seen(evidence, model)) | dict(self._turned(model, asked, made))

    def _turned(self, model: Model, asked: Questions, made: Tensor) -> Iterator[tuple[str, float]]:
        """How answers hang together with what is given.

        `responds`: how much others' questions change them, from the same noise; `changed`: how far they are from what
        is given; both of 1 where they are as real ones. `hidden`: how many times as wrong the way back is with a little
        noise on them, or as the noise.
        """
        if asked.beside is None or len(made) < _LEAST:
            return
        real = asked.beside[: len(made)]
        others = answers(model, asked.turned(), seed=self.seed, part=self.part)
        yield "responds", _apart(made, others) / max(_apart(real, real.roll(1, 0)), 1e-12)
        given = asked.shown(self.source.spec)
        if given is not None:
            given = given[: len(real)]
            yield "changed", _apart(made[: len(real)], given) / max(_apart(real, given), 1e-12)
        if asked.x is not None and isinstance(model.game, Translates) and model.game.both_ways:
            noise = _FAINT * torch.randn(made.shape, generator=torch.Generator().manual_seed(self.seed))
            plain, noisy = (self._back(model, asked, x) for x in (made, (made + noise).clamp(0, 1)))
            # What comes back without error may be as wrong as the noise itself.
            yield "hidden", noisy / max(plain, float(noise.abs().mean()))

    def _back(self, model: Model, asked: Questions, made: Tensor) -> float:
        """How far what comes back from answers is from what was given."""
        assert asked.x is not None
        assert asked.y is not None
        back = answers(model, Questions(asked.n, 1 - asked.y, made), seed=self.seed, part=self.part)
        return _apart(back, asked.x)

    def _questions(self, model: Model) -> Questions:
        """As many of each class as real ones, however few these are; never more answers than there are questions."""
        asked = questions(model.game, self._reference.real)
        if asked.beside is not None:
            return asked.rows(slice(self.samples))
        labels = None if asked.labels is None else asked.labels.repeat(-(-self.samples // asked.n))[: self.samples]
        return Questions(self.samples, None if asked.y is None else labels, labels=labels)

    def prepare(self) -> dict[str, float]:
        """Make what all looks share, and say what the data alone shows.

        Of labelled data: `labelled`, how often the ten nearest neighbours of a sample, by majority, tell its label;
        `voted`, how often two disjoint halves of them tell the same one; `label_excess`, by how many standard errors
        the first is more than it would be for shuffled labels.
        """
        try:
            self._blind = len(self._reference.real.x) < _LEAST or not self._real
        except (Unfit, BadData):
            self._blind = True
        if self._blind:
            return {}
        known, count = self._known, len(self.source.spec.classes)
        if count < 2 or known.y is None or len(known.x) < _LEAST_LABELLED:
            return {}
        y, x = known.y[:_LABELLED].numpy(), self._known_values[:_LABELLED]
        near = y[nearest(x, x, _VOTERS, others=True).indices]
        one, other, both = (_vote(part, count) for part in (near[:, ::2], near[:, 1::2], near))
        shares = [np.bincount(labels, minlength=count) / len(y) for labels in (both, y)]
        told, chance = float((both == y).mean()), float(shares[0] @ shares[1])
        excess = (told - chance) / max(sqrt(chance * (1 - chance) / len(y)), 1e-12)
        return {"labelled": told, "voted": float((one == other).mean()), "label_excess": excess}

    def _seen(self, evidence: Evidence, model: Model) -> Iterator[tuple[str, float]]:
        score, real, x = self._score(evidence, model), self._real, self._values(evidence.samples.x.numpy())
        yield "score", float(score)
        yield "score_low", float(score) if score.low is None else score.low
        yield "floor", real.score
        if len(evidence.real) > _VOTERS:
            yield "variety", _spread(x) / real.spread
            yield "coverage", density_coverage(evidence.real, evidence.fake).coverage / real.coverage
            yield "dimension", dimension(x) / real.dimension
        # What has collapsed to a point lies nearest to one training sample, too.
        if self.source.size is not None and _spread(x) > _LEAST_SPREAD * real.spread:
            yield "copies", max(0.0, (self._copies(x) - real.copies) / max(1 - real.copies, 1e-12))
        if isinstance(model.game, Discerns):
            yield from self._discerned(model, model.game, evidence.samples)

    def _score(self, evidence: Evidence, model: Model) -> Estimate:
        """Of answers beside what would be right, that of held-out questions where there are any."""
        if not wants_truth(self.score):
            return score_of(self.score, evidence)
        unseen = self._reference.asked
        asked = questions(model.game, unseen if len(unseen.x) else self._reference.real).rows(slice(self.samples))
        made = answers(model, asked, seed=self.seed, part=self.part)
        return score_of(self.score, Evidence(self._reference, Labelled(made, asked.y, asked.labels), asked))

    @cached_property
    def _reference(self) -> Reference:
        return Reference(self.source, suitable(self.source), most=self.samples)

    @cached_property
    def _real(self) -> _Baseline:
        reference = self._reference
        real, other = self._values(reference.real.x.numpy()), reference.features(reference.other.x)
        coverage = 1.0
        if min(len(real), len(other)) > _VOTERS:
            coverage = max(float(density_coverage(reference.real_features, other).coverage), _LEAST_COVERED)
        # What would be right is without error itself.
        floored = len(other) > 1 and not wants_truth(self.score)
        score = float(score_of(self.score, Evidence(reference, reference.other))) if floored else nan
        copies = 0.0
        if self.source.size is not None:
            # Each training sample among the others: what is held out may be nothing.
            known = self._known_values[:_LABELLED]
            copies = _close(nearest(known, known, 2, others=True).distances) if len(known) > _LEAST else 0.0
        return _Baseline(score, _spread(real) or nan, coverage, dimension(real), copies)

    @cached_property
    def _known(self) -> Labelled:
        return self.source.real(_KNOWN)

    @cached_property
    def _known_values(self) -> Array:
        return self._values(self._known.x.numpy())

    @cached_property
    def _values(self) -> Extractor:
        return values(self.source)

    def _copies(self, x: Array) -> float:
        """The share of samples (N, F) that lie three times as near to one training sample as to the next.

        Paper: Yoon et al. 2023, Diffusion Probabilistic Models Generalize when They Fail to Memorize (the ratio)
        """
        return _close(nearest(x, self._known_values, 2).distances)

    def _scores(self, model: Model, game: Discerns, samples: Labelled) -> Tensor:
        """The discriminator's scores (N,) of samples in own units; labels that it takes no notice of do no harm."""
        parts = []
        for start in range(0, len(samples.x), self.part):
            rows = slice(start, start + self.part)
            y = None if samples.y is None else self._condition(model, samples.y[rows])
            with torch.no_grad():
                parts.append(game.discern(model.game.placed(model.units.seen(samples.x[rows])), y).float())
        return torch.cat(parts)

    def _condition(self, model: Model, y: Tensor) -> Tensor:
        given = asks(model.game)
        return model.given(len(y), y) if given else y.to(model.game.device)

    def _discerned(self, model: Model, game: Discerns, samples: Labelled) -> Iterator[tuple[str, float]]:
        real, held = self._reference.real, self._reference.held_out
        try:
            on_real, on_fake = (self._scores(model, game, part) for part in (real, samples))
        except Unfit:
            return
        yield "told_apart", float(told_apart(on_real, on_fake))
        if held is not None and self.source.size is not None and len(held.x) > _VOTERS:
            few = held.rows(slice(self.samples))
            yield "told_known", float(told_apart(on_real, self._scores(model, game, few)))


def dimension(x: Array) -> float:
    """The dimension of what samples (N, F) lie on, from how much farther the second neighbour is than the first.

    Paper: Facco et al. 2017, Estimating the Intrinsic Dimension of Datasets by a Minimal Neighborhood Information,
    equation 3 (by maximum likelihood)

    Samples that lie on others are left out; NaN where fewer than two are left.
    """
    if len(x) < 3:
        return nan
    near = nearest(x, x, 2, others=True).distances
    near = near[near[:, 0] > 0]
    ratios = np.log(near[:, 1] / near[:, 0])
    return float((len(near) - 1) / ratios.sum()) if len(near) > 1 and ratios.any() else nan


_LEAST, _LEAST_LABELLED, _LABELLED = 2, 500, 2000
_LEAST_COVERED, _LEAST_SPREAD = 0.5, 0.1


class _Baseline(NamedTuple):
    """What real samples get."""

    score: float
    spread: float
    coverage: float
    dimension: float
    copies: float


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().mean())


def _close(distances: Array) -> float:
    """How often the nearest is three times as near as the next, of distances (N, 2)."""
    return float((distances[:, 0] < distances[:, 1] / 3).mean())


def _spread(x: Array) -> float:
    return float(x.std(0).mean())


def _vote(labels: Array, count: int) -> Array:
    """The most frequent of each row's labels (N, K)."""
    return np.stack([(labels == label).sum(1) for label in range(count)], 1).argmax(1)
