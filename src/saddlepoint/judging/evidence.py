"""What a metric may ask for, by the names of its parameters. Each is made when it is asked for.

`Evidence` is of samples alone, from a file or a folder; `ModelEvidence` of a trained model, which can be asked for a
class, a code or a likelihood; `RealEvidence` of real samples in the place of fakes: what a perfect model would get.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import zip_longest
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from saddlepoint.asking import Questions, answers, to_judge
from saddlepoint.classifier import Classifier, telling
from saddlepoint.conditional import Density
from saddlepoint.errors import BadData, Unfit
from saddlepoint.extractor import Array, Reads
from saddlepoint.features.classifier import Reader, classifier, taken
from saddlepoint.game import Codes, Samples, Scores, Translates
from saddlepoint.judging.reference import Reference
from saddlepoint.metrics.modes import log_density, nearest_mode
from saddlepoint.saved.model import Model
from saddlepoint.seeds import seed_of
from saddlepoint.source import Labelled, Modes, Source
from saddlepoint.tabular.column import Column

Labels = NDArray[np.integer[Any]]
Doing = Callable[[str], None]


def nobody(doing: str) -> None:
    """Whom nothing is told."""


class Evidence:
    """Samples before a reference. Every name below may be a metric's parameter; `Unfit` says why one cannot be had.
    `doing` is told what takes its time.
    """

    def __init__(self, reference: Reference, samples: Labelled, asked: Questions | None = None) -> None:
        wanted, got = reference.shape, tuple(samples.x.shape[1:])
        if got != wanted:
            raise BadData(
                f"samples of shape {_x(got)} cannot be judged against a reference of shape {_x(wanted)}; "
                "bring both to one shape, or name another reference"
            )
        if bad := int((~samples.x.flatten(1).isfinite().all(1)).sum()):
            raise BadData(
                f"{bad:,} of {len(samples.x):,} samples hold NaN or infinite numbers and cannot be judged; "
                "of a run, `saddle diagnose` says since when"
            )
        self.reference, self.samples, self.questions = reference, samples, asked or Questions(len(samples.x))
        self.doing: Doing = nobody

    @property
    def told(self) -> dict[str, Any]:
        """What a score says of the samples."""
        return {}

    @property
    def back(self) -> Evidence | None:
        """The same model the other way, where it has two."""
        return None

    @property
    def real(self) -> Array:
        """Features of the real samples (N, F) that answers stand beside."""
        return self.reference.real_features if self.questions.beside is None else self._beside_features

    @cached_property
    def _beside_features(self) -> Array:
        return self.reference.features(_there(self.questions.beside, "any real samples will do"))

    @property
    def given(self) -> Array:
        """What samples were made of, (N, *given.shape) in its own units, or samples of another class."""
        asked = self.questions
        return _array(_there(asked.x if asked.x is not None else self._asked_by, "nothing but a class is given"))

    @property
    def truth(self) -> Array:
        """The samples (N, *shape) in own units that belong to what was asked."""
        return _array(self._truth)

    @property
    def answer(self) -> Array:
        """The samples (N, *shape) in own units that were made of it."""
        _there(self.questions.truth, "it is not known what would be right")
        return self.fake_samples

    @property
    def _truth(self) -> Tensor:
        return _there(self.questions.truth, "it is not known what would be right")

    @property
    def _asked_by(self) -> Tensor | None:
        return self.questions.y if self.reference.source.spec.given else None

    @cached_property
    def fake(self) -> Array:
        """Features of the samples (N, F)."""
        return self.reference.features(self.samples.x)

    @property
    def training(self) -> Array:
        """Features of the training samples (N, F), 60,000 at most."""
        if self.reference.source.size is None:
            raise Unfit("data without end cannot be learned by heart")
        return self.reference.training_features

    @property
    def suspects(self) -> Array:
        """Features of samples (N, F) that may be copies of training samples."""
        return self.fake

    @property
    def held_out(self) -> Array:
        """Features of real samples (N, F) that training never sees."""
        return _there(self.reference.held_out_features, "no samples are held out (--data.held_out)")

    @property
    def fake_probabilities(self) -> Array:
        """p(y | x) of the samples (N, C) by the features' classifier."""
        extractor = self.reference.extractor
        if not isinstance(extractor, Reads):
            raise Unfit(f"features {extractor.name!r} tell no classes; take --features classifier")
        return extractor.probabilities(_array(self.samples.x))

    @property
    def real_samples(self) -> Array:
        """Real samples (N, *shape) in own units."""
        beside = self.questions.beside
        return _array(self.reference.real.x if beside is None else beside)

    @property
    def fake_samples(self) -> Array:
        """The samples (N, *shape) in own units."""
        return _array(self.samples.x)

    @property
    def fake_images(self) -> Array:
        """The samples as images (N, C, H, W) in [0, 1]."""
        if not self.reference.source.spec.is_image:
            raise Unfit("the reference holds no images")
        return self.fake_samples

    @property
    def size(self) -> int:
        """How many numbers an image has."""
        return self.fake_images[0].size

    @property
    def categories(self) -> tuple[bool, ...]:
        """Which columns of a table are categories."""
        columns = _there(self.reference.source.units.columns or None, "the reference is no table")
        return tuple(bool(column.categories) for column in columns)

    @property
    def means(self) -> Array:
        """The true modes' means (K, D)."""
        return _array(self._modes.means)

    @property
    def std(self) -> float:
        """The true modes' standard deviation."""
        return self._modes.std

    @property
    def fake_points(self) -> Array:
        """Many of the samples (N, D) in own units, where the true modes are known."""
        return self.fake_samples

    @property
    def asked(self) -> Labels:
        """The classes (N,) that samples were made for."""
        samples = self._of_classes
        return _array(_there(samples.y if samples.label is None else samples.label, "the samples have no labels"))

    @property
    def read(self) -> Labels:
        """The classes (N,) that the judging classifier reads in them."""
        return self._reader.predict(_array(self._of_classes.x))

    @property
    def learned(self) -> Labels:
        """The classes (N,) of held-out samples, as told by a classifier trained on labelled samples alone."""
        return self._learned_from(self.to_learn)

    @property
    def held_out_labels(self) -> Labels:
        """The classes (N,) of held-out samples."""
        return _array(_there(self._held.y, "the reference has no labels"))

    @property
    def scores(self) -> Array:
        """log p(x) in nats (N,) of held-out samples."""
        raise Unfit("samples alone have no likelihood")

    @property
    def classified(self) -> Labels:
        """The likeliest class (N,) of some held-out samples under a density for each class."""
        raise Unfit("samples alone have no density")

    @property
    def scored_labels(self) -> Labels:
        """The classes (N,) of the same held-out samples."""
        return _array(_there(self._scored.y, "the reference has no labels"))

    @property
    def code(self) -> Labels:
        """The discrete codes (N,) that samples were made from."""
        raise Unfit("samples alone have no code")

    @property
    def group(self) -> Labels:
        """The mode, or the class that the judging classifier reads, of the same samples (N,)."""
        raise Unfit("samples alone have no code")

    @property
    def channel_read(self) -> Labels:
        """The classes (N, C) that the classifier of the channels' own source reads in those of many samples."""
        read = classifier(self._channels)
        x = _array(self._stacked)
        return read.predict(x.reshape(-1, 1, *x.shape[2:])).reshape(x.shape[:2])

    @property
    def channel_shares(self) -> Array:
        """The shares (K,) of the channels' classes."""
        return np.array(self._channels.spec.shares)

    @property
    def to_learn(self) -> Labelled:
        """The labelled samples that `learned` comes from."""
        return self.samples

    def _learned_from(self, samples: Labelled) -> Labels:
        units, classes = self.reference.source.units, len(self.reference.source.spec.classes)
        y = _array(_there(samples.y, "the samples have no labels"))
        tell = telling(self.doing, "judging: training a classifier on samples alone")
        learner = Classifier.fit(taken(_array(samples.x), units), y, classes, tell=tell)
        return learner.predict(taken(_array(self._held.x), units))

    @property
    def _of_classes(self) -> Labelled:
        return self.samples

    @property
    def _channels(self) -> Source:
        return _there(self.reference.source.channels, "the reference's channels are no pictures of classes")

    @property
    def _stacked(self) -> Tensor:
        """Many samples (N, *shape) whose channels are read."""
        return self.samples.x

    @property
    def _modes(self) -> Modes:
        return _there(self.reference.source.modes, "the reference has no known modes")

    @property
    def _reader(self) -> Reader:
        if self.reference.source.labelled is None:
            raise Unfit("the reference has no labels of two classes or more")
        return self.reference.reader

    @property
    def _held(self) -> Labelled:
        return _there(self.reference.held_out, "no samples are held out (--data.held_out)")

    @cached_property
    def _scored(self) -> Labelled:
        """A thousand held-out samples at most: a likelihood may be dear."""
        return self._held.rows(slice(_SCORED))


class ModelEvidence(Evidence):
    """A trained model's samples, and what else it can be asked for; a function of `seed`."""

    def __init__(self, reference: Reference, model: Model, *, seed: int, to: int = 1) -> None:
        _same_kind(model, reference)
        asked = to_judge(model.game, reference.source, reference.asked, reference.count, to=to)
        made = Labelled(answers(model, asked, seed=seed), None, asked.labels)
        super().__init__(reference, made, asked)
        self.model, self.seed, self.to = model, seed, to

    @property
    def back(self) -> Evidence | None:
        game = self.model.game
        if not self.to or not isinstance(game, Translates) or not game.both_ways:
            return None
        return ModelEvidence(self.reference, self.model, seed=self.seed, to=0)

    @property
    def told(self) -> dict[str, Any]:
        """What a score says of the model."""
        averaged = any(player.averages for player in self.model.game.players())
        return {"seed": self.seed, "step": self.model.step, "averaged": averaged}

    @property
    def fake_points(self) -> Array:
        """10,000 samples (N, D) in own units."""
        return _array(self.model.sample(_ASKED, seed=self.seed))

    @property
    def scores(self) -> Array:
        """log p(x) in nats (N,) of held-out samples."""
        if not isinstance(self.model.game, Scores):
            raise Unfit(f"a {type(self.model.game).__name__} knows no density")
        return (
            self._joint.logsumexp(1).numpy()
            if self._by_class
            else _array(self._seeded(lambda: self.model.score(self._scored.x)))
        )

    @property
    def classified(self) -> Labels:
        """The likeliest class (N,) of some held-out samples under the model's density for each class."""
        if not self._by_class:
            raise Unfit(f"a {type(self.model.game).__name__} has no density for each class")
        return self._joint.argmax(1).numpy()

    @property
    def code(self) -> Labels:
        """The discrete codes (N,) that samples were made from, all equally often."""
        if not isinstance(self.model.game, Codes) or not self.model.game.codes:
            raise Unfit(f"a {type(self.model.game).__name__} has no discrete code")
        return np.arange(_ASKED) % self.model.game.codes

    @property
    def group(self) -> Labels:
        """The mode, or the class that the judging classifier reads, of the same samples (N,)."""
        game, code = self.model.game, torch.as_tensor(self.code, device=self.model.game.device)
        assert isinstance(game, Codes)
        x = _array(self._seeded(lambda: self.model.decode(game.coded(game.latents(len(code)), code))))
        return nearest_mode(self.means, x) if self.reference.source.modes else self._reader.predict(x)

    @property
    def _by_class(self) -> bool:
        return isinstance(self.model.game, Density) and self.model.game.classes > 1

    @cached_property
    def _joint(self) -> Tensor:
        return self._seeded(lambda: self.model.joint(self._scored.x)).double().cpu()

    @property
    def _stacked(self) -> Tensor:
        return self.model.sample(_STACKED, seed=self.seed)

    @cached_property
    def _of_classes(self) -> Labelled:
        count = max(len(self.reference.source.spec.classes), 1)
        return self._labelled(torch.arange(_ASKED) % count)

    @cached_property
    def to_learn(self) -> Labelled:
        """As many samples of each class as the training data has."""
        return self._labelled(_there(self.reference.training.y, "the reference has no labels"))

    def _labelled(self, y: Tensor) -> Labelled:
        if self.samples.label is not None:
            return self.samples
        if not isinstance(self.model.game, Samples) or self.model.game.classes < 2:
            raise Unfit("the model cannot be asked for a class")
        return Labelled(self.model.sample(len(y), y, seed=self.seed), y)

    def _seeded(self, ask: Callable[[], Tensor]) -> Tensor:
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed_of(self.seed, "score"))
            return ask()


class RealEvidence(Evidence):
    """Real samples in the place of those of `evidence`, as many."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence.reference, _others(evidence).rows(slice(len(evidence.samples.x))))
        self.questions, self._beside = Questions(len(self.samples.x), like=evidence.questions.beside), evidence

    @property
    def answer(self) -> Array:
        """None: what belongs to the question would be without error."""
        raise Unfit("what belongs to a question is without error")

    @property
    def suspects(self) -> Array:
        """Features of half of the held-out samples, of which no one can be a copy."""
        return super().held_out[::2]

    @property
    def held_out(self) -> Array:
        """Features of the other half."""
        return super().held_out[1::2]

    @property
    def to_learn(self) -> Labelled:
        """As many training samples as `learned` comes from beside it."""
        return self.reference.training.rows(slice(len(self._beside.to_learn.x)))

    @property
    def fake_points(self) -> Array:
        """10,000 real samples (N, D) in own units."""
        return _array(self.reference.source.real(_ASKED, seed=1).x)

    @property
    def learned(self) -> Labels:
        """The classes (N,) of held-out samples, as told by a classifier trained on as many real ones."""
        if len(self.to_learn.x) < len(self.reference.training.x):
            return self._learned_from(self.to_learn)
        return self._reader.predict(_array(self._held.x))

    @property
    def scores(self) -> Array:
        """log p(x) in nats (N,) of held-out samples under the truth."""
        return log_density(self.means, self.std, _array(self._scored.x))

    @property
    def classified(self) -> Labels:
        """The classes (N,) of some held-out samples as the judging classifier reads them."""
        return self._reader.predict(_array(self._scored.x))

    @property
    def _stacked(self) -> Tensor:
        return self.reference.source.real(_STACKED, seed=1).x

    @property
    def _of_classes(self) -> Labelled:
        return self._held


def _others(evidence: Evidence) -> Labelled:
    """Other real samples than those that answers stand beside, of the class that was asked for."""
    reference, asked = evidence.reference, evidence.questions
    others = reference.other if asked.beside is None else reference.real
    if asked.x is None or asked.labels is None or others.y is None:
        return others
    return others.rows(others.y == asked.labels[0])


_ASKED, _SCORED = 10_000, 1000
# As many as the field counts the combinations of a thousand by.
_STACKED = 26_000

T = TypeVar("T")


def _same_kind(model: Model, reference: Reference) -> None:
    """Raises `BadData` for a reference whose classes or columns are others than those the model was trained on."""
    spec, wanted = model.spec, reference.source.spec
    if spec.classes and wanted.classes and spec.classes != wanted.classes:
        known, there = (", ".join(one.classes[:12]) for one in (spec, wanted))
        raise BadData(
            f"the run was trained on the classes {known}; the reference has {there}: judge it against its own"
        )
    mine, its = ([_said(c) for c in units.columns] for units in (model.units, reference.source.units))
    if mine != its:
        differ = [f"{b}, not {a}" for a, b in zip_longest(mine, its, fillvalue="nothing") if a != b]
        raise BadData(
            f"the run was trained on other columns or categories than the reference has: {differ[0]}: "
            "judge it against its own"
        )


def _said(column: Column) -> str:
    """A column's name, and what its values are."""
    return f"{column.name!r} ({', '.join(map(repr, column.categories)) or column.kind})"


def _there(found: T | None, otherwise: str) -> T:
    if found is None:
        raise Unfit(otherwise)
    return found


def _array(tensor: Tensor) -> NDArray[Any]:
    """A tensor from whichever device as metrics take it."""
    array: NDArray[Any] = tensor.cpu().numpy()
    return array


def _x(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
