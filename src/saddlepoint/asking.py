"""What a model is asked, and what it answers: the one place that looks at what games can do when samples are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from saddlepoint.errors import BadRun
from saddlepoint.forms.image import alike
from saddlepoint.game import Codes, Decodes, Game, Reconstructs, Samples, Translates, asks
from saddlepoint.saved.model import Model
from saddlepoint.seeds import seed_of
from saddlepoint.source import Labelled, Source
from saddlepoint.spec import Spec

_ROWS, _COLUMNS, _POINTS = 16, 10, 2500


class Questions(NamedTuple):
    """What `n` samples are asked for by, all in own units.

    `y` are classes (N,) or what is given (N, ...), None for the data's own mix; `x` are samples (N, ...) to be turned
    into ones of classes `y`, None where new ones are made; `truth` are the samples (N, ...) that belong to them, where
    known, or that are to be made again, `like` real ones (M, ...) that answers are to be like, where not any are, and
    `labels` the classes (N,) that answers are to be of.
    """

    n: int
    y: Tensor | None = None
    x: Tensor | None = None
    truth: Tensor | None = None
    labels: Tensor | None = None
    like: Tensor | None = None

    @property
    def beside(self) -> Tensor | None:
        """The real samples that answers stand beside, where not any do."""
        return self.like if self.truth is None else self.truth

    def rows(self, rows: slice) -> Questions:
        """Some of the questions."""
        y, x, truth, labels = (None if part is None else part[rows] for part in self[1:-1])
        return Questions(len(range(self.n)[rows]), y, x, truth, labels, self.like)

    def turned(self) -> Questions:
        """The same questions, each in the place of the next."""
        x, y, truth = (None if part is None else part.roll(1, 0) for part in (self.x, self.y, self.truth))
        return self._replace(x=x, y=y, truth=truth)

    def shown(self, spec: Spec) -> Tensor | None:
        """What is given as images such as samples of `spec` are; None where it is none, or nothing is."""
        given = self.x if self.x is not None else self.y if spec.given and spec.given.is_image else None
        return None if given is None or not spec.is_image else alike(given, spec.shape)


def answerable(game: Game) -> bool:
    """Whether there are samples that a game can be asked for."""
    return isinstance(game, Samples | Translates)


def questions(game: Game, real: Labelled, *, to: int = 1) -> Questions:
    """What a game is asked for samples such as the `real` ones: their classes, what is given, or the class `to`."""
    if isinstance(game, Translates):
        assert real.y is not None
        own, other = real.rows(real.y != to), real.rows(real.y == to)
        wanted = torch.full((len(own.x),), to)
        return Questions(len(own.x), wanted, own.x, None, wanted, other.x)
    by_class = isinstance(game, Samples) and game.classes > 0
    y, labels = real.y if asks(game) or by_class else None, real.label if asks(game) else real.y
    truth = real.x if asks(game) or isinstance(game, Reconstructs) else None
    return Questions(len(real.x), y, truth=truth, labels=labels)


def to_judge(game: Game, source: Source, real: Labelled, count: int, *, to: int = 1) -> Questions:
    """What a game is asked to be judged: by held-out samples `real` where it answers, else `count` of its own mix."""
    if isinstance(game, Translates) and (known := source.counterparts()):
        assert known.y is not None
        x, truth = (known.x, known.y) if to else (known.y, known.x)
        wanted = torch.full((len(x),), to)
        return Questions(len(x), wanted, x, truth, wanted)
    if isinstance(game, Translates | Reconstructs) or asks(game):
        return questions(game, real, to=to)
    return Questions(count)


def answers(model: Model, asked: Questions, *, seed: int, part: int | None = None) -> Tensor:
    """What a model answers, (N, *shape) in own units on the CPU; at most `part` at a time, each by a seed of its own.

    Raises `BadRun` for a model that makes no samples.
    """
    if part is None:
        return _answered(model, asked, seed)
    starts = range(0, asked.n, part)
    return torch.cat([_answered(model, asked.rows(slice(s, s + part)), seed_of(seed, "look", s)) for s in starts])


def _answered(model: Model, asked: Questions, seed: int) -> Tensor:
    if asked.x is not None:
        return model.translate(asked.x, asked.y, seed=seed).cpu()
    if isinstance(model.game, Reconstructs):
        assert asked.truth is not None
        return model.decode(model.encode(asked.truth, asked.y), asked.y).cpu()
    return model.sample(asked.n, asked.y, seed=seed).cpu()


class Page(NamedTuple):
    """Samples in own units to look at, laid out in `columns` (as they come where None), and what the rows show."""

    samples: Tensor
    columns: int | None = None
    rows: tuple[str, ...] = ()


def page(model: Model, source: Source, *, seed: int = 0) -> Page:
    """Samples that show what a model can do, always of the same latents and questions."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed_of(seed, "showcase"))
        return next(made for lay in _LAYOUTS if (made := lay(model, source)) is not None)


def _asked(model: Model, source: Source) -> Page | None:
    """What is given, what is made of it, and what belongs to it."""
    game = model.game
    if not source.spec.is_image or not (isinstance(game, Reconstructs) or asks(game)):
        return None
    real = _few(source)
    asked = questions(game, real)
    made = [("made", answers(model, asked, seed=0)), ("truth", real.x)]
    given = asked.shown(source.spec)
    shown = [] if given is None else [("given", given)]
    return _rows([*shown, *made])


def _translated(model: Model, source: Source) -> Page | None:
    """Samples of a class, and what becomes of them in the other; where the truth is known it stands below."""
    if not isinstance(model.game, Translates):
        return None
    known = source.counterparts()
    rows: list[tuple[str, Tensor]] = []
    sides = (known.x, known.y) if known and known.y is not None else None
    for label, name in enumerate(source.spec.classes[: 1 + model.game.both_ways]):
        x = sides[label][:_COLUMNS] if sides else _of_class(source, label)
        truth = [("truth", sides[1 - label][:_COLUMNS])] if sides else []
        made = model.translate(x, torch.full((len(x),), 1 - label), seed=0).cpu()
        rows += [(name, x), (f"as {source.spec.classes[1 - label]}", made), *truth]
    return _rows(rows)


def _plain(model: Model, source: Source) -> Page | None:
    if source.spec.is_image:
        return None
    if not isinstance(model.game, Samples):
        raise BadRun(f"a {type(model.game).__name__} cannot sample")
    if model.game.asks:
        return Page(answers(model, questions(model.game, source.real(_POINTS)), seed=0))
    return Page(_own(model, model.game.sample(_POINTS)))


def _by_code(model: Model, source: Source) -> Page | None:
    game = model.game
    if not isinstance(game, Codes) or not game.codes:
        return None
    z, rows = _grid(game, min(game.codes, _ROWS))
    return Page(_own(model, game.decode(game.coded(z, rows))), _COLUMNS)


def _by_class(model: Model, source: Source) -> Page | None:
    """A row for each class, a column for each latent."""
    game = model.game
    if not isinstance(game, Samples):
        raise BadRun(f"a {type(game).__name__} cannot sample")
    classes = min(game.classes, _ROWS)
    if classes < 2:
        return Page(_own(model, game.sample(64)), 8)
    if isinstance(game, Decodes):
        return Page(_own(model, game.decode(*_grid(game, classes))), _COLUMNS)
    rows = torch.arange(classes, device=game.device).repeat_interleave(_COLUMNS)
    return Page(_own(model, game.sample(len(rows), rows)), _COLUMNS)


_LAYOUTS: tuple[Callable[[Model, Source], Page | None], ...] = (_asked, _translated, _plain, _by_code, _by_class)


def _own(model: Model, seen: Tensor) -> Tensor:
    return model.units.own(seen.cpu())


def _grid(game: Decodes, rows: int) -> tuple[Tensor, Tensor]:
    """The same latents in each row, and each row's number."""
    z = game.latents(_COLUMNS)
    return z.repeat(rows, 1), torch.arange(rows, device=z.device).repeat_interleave(_COLUMNS)


def _few(source: Source) -> Labelled:
    """Some held-out samples, or else some of the training data."""
    return (source.held_out() or source.real(_COLUMNS)).rows(slice(_COLUMNS))


def _of_class(source: Source, label: int) -> Tensor:
    held = source.held_out() or source.real(64 * _COLUMNS)
    assert held.y is not None
    return held.x[held.y == label][:_COLUMNS]


def _rows(rows: Sequence[tuple[str, Tensor]]) -> Page:
    """Rows of samples, each begun anew where they do not fill a line."""
    columns = max(len(x) for _, x in rows)
    return Page(torch.cat(list(_filled([x for _, x in rows], columns))), columns, tuple(name for name, _ in rows))


def _filled(rows: Sequence[Tensor], columns: int) -> Iterator[Tensor]:
    for x in rows:
        yield torch.cat([x, x.new_ones(columns - len(x), *x.shape[1:])])
